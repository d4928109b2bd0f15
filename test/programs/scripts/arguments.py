"""A command line of argparse: subcommands, types, choices, errors."""
import argparse


def even(text):
    number = int(text)
    if number % 2:
        raise argparse.ArgumentTypeError("%d is odd" % number)
    return number


parser = argparse.ArgumentParser(prog="arguments", description="Adds and joins.")
parser.add_argument("-v", "--verbose", action="count", default=0, help="say more")
commands = parser.add_subparsers(dest="command")
add = commands.add_parser("add", help="adds even numbers")
add.add_argument("numbers", nargs="+", type=even)
join = commands.add_parser("join", help="joins words")
join.add_argument("--by", choices=["-", "+"], default="-")
join.add_argument("words", nargs="*")
options = parser.parse_args()
if options.command == "add":
    print(sum(options.numbers), options.verbose)
elif options.command == "join":
    print(options.by.join(options.words))
else:
    parser.error("no command")
