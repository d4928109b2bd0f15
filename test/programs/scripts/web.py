"""http.server in a thread, urllib clients in others."""
import http.server
import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        if url.path != "/sum":
            self.send_error(404)
            return
        numbers = [int(n) for n in urllib.parse.parse_qs(url.query)["n"]]
        body = json.dumps({"sum": sum(numbers)}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(data[::-1])

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
thread = threading.Thread(target=server.serve_forever)
thread.start()
address = "http://127.0.0.1:%d" % server.server_address[1]
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def ask(n):
    with opener.open("%s/sum?n=%d&n=%d" % (address, n, n + 1)) as answer:
        return json.load(answer)["sum"]


with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(ask, range(25))))
with opener.open(address, data=b"reversed") as answer:
    print(answer.status, answer.read())
try:
    opener.open(address + "/none")
except urllib.error.HTTPError as error:
    print(error.code, error.reason)
    error.close()
server.shutdown()
thread.join()
server.server_close()
