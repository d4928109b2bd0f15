"""Tasks with packets and queues, in the manner of richards: state in attributes, methods chosen by class."""


class Packet:
    def __init__(self, following, identity, kind):
        self.following, self.identity, self.kind, self.data = following, identity, kind, [0, 0, 0, 0]


class Task:
    def __init__(self, system, identity, priority, queue):
        self.system, self.identity, self.priority, self.queue = system, identity, priority, queue
        self.holding = False
        self.runs = 0

    @property
    def is_ready(self):
        return not self.holding and self.queue is not None

    def run(self):
        self.runs += 1
        packet, self.queue = self.queue, self.queue.following
        packet.following = None
        self.work(packet)

    def work(self, packet):
        raise NotImplementedError

    def add(self, packet):
        packet.following = None
        if self.queue is None:
            self.queue = packet
            return
        last = self.queue
        while last.following is not None:
            last = last.following
        last.following = packet


class Worker(Task):
    target = 0

    def work(self, packet):
        self.target = (self.target + 1) % 2
        for i in range(4):
            packet.data[i] = (packet.data[i] * 31 + self.runs) % 26
        self.system.send(packet, self.target)


class Handler(Task):
    def work(self, packet):
        if packet.kind == 1:
            packet.kind = 2
        else:
            packet.kind = 1
        self.system.send(packet, 2 + sum(packet.data) % 2)


class System:
    def __init__(self):
        self.tasks = {}
        self.sent = 0

    def send(self, packet, identity):
        self.sent += 1
        packet.identity = identity
        self.tasks[identity].add(packet)

    def run(self, steps):
        order = sorted(self.tasks.values(), key=lambda task: -task.priority)
        while steps > 0:
            for task in order:
                if task.is_ready:
                    task.run()
                    steps -= 1
                    break
            else:
                return


def main(n):
    system = System()
    for identity in range(4):
        kind = Handler if identity < 2 else Worker
        system.tasks[identity] = kind(system, identity, identity * 10 % 7, None)
    for i in range(6):
        system.send(Packet(None, 0, 1 + i % 2), 2 + i % 2)
    system.run(3000 * n)
    return system.sent
