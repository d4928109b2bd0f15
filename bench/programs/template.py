"""A template engine: regular expressions, closures, strings that grow."""
import re

TOKEN = re.compile(r"({{.*?}}|{%.*?%})")


def compile_template(source):
    parts = TOKEN.split(source)
    return build(iter(parts), None)


def build(parts, end):
    nodes = []
    for part in parts:
        if part.startswith("{{"):
            nodes.append(variable(part[2:-2].strip()))
        elif part.startswith("{%"):
            words = part[2:-2].split()
            if words[0] == end:
                break
            nodes.append(loop(words[1], words[3], build(parts, "endfor")))
        else:
            nodes.append(lambda context, part=part: part)

    def render(context):
        text = ""
        for node in nodes:
            text += node(context)
        return text

    return render


def variable(path):
    first, *rest = path.split(".")

    def render(context):
        value = context[first]
        for name in rest:
            value = value[name]
        return str(value)

    return render


def loop(name, items, body):
    def render(context):
        return "".join([body(dict(context, **{name: item})) for item in context[items]])

    return render


def main(n):
    render = compile_template("<ul>{% for row in rows %}<li>{{ row.id }}: {{ row.name }}</li>{% endfor %}</ul>")
    rows = [{"id": i, "name": "name %d" % i} for i in range(100)]
    return sum(len(render({"rows": rows})) for _ in range(4 * n))
