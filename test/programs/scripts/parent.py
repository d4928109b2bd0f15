"""Starts the same Python again in every usual way."""
import os
import subprocess
import sys


def run(*words, **options):
    done = subprocess.run([sys.executable, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
    print(done.returncode, done.stdout.decode(), done.stderr.decode().replace(os.getcwd(), "."))


run("child.py", "2")
run("-m", "child", "3")
run("-c", "import child; print(child.count(4))")
run("-", "x", input=b"import child, sys; print(child.count(1), sys.argv)")
run("-O", "-W", "error", "child.py", "5")
run("child.py", "raise")
run("child.py", "exit")
print(subprocess.call("%s child.py 1; exit 3" % sys.executable, shell=True))
sys.stdout.flush()
pid = os.fork()
if pid == 0:
    import child

    child.count(10)
    os.execv(sys.executable, [sys.executable, "child.py", "7"])
print(os.waitpid(pid, 0)[1])
sys.stdout.flush()
os.system("%s -c 'import child; print(child.count(2))'" % sys.executable)
