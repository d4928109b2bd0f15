import { createServer, type Socket } from 'node:net';
import type { Answerer } from './answers.ts';
import { encodeResponse, RequestReader } from './protocol.ts';

/** The running service. */
export interface InstrumentService {
  /** Path of the unix socket. */
  readonly path: string;
  close(): Promise<void>;
}

/** Answers the requests of one connection in their order. */
function serve(socket: Socket, answerer: Answerer): void {
  const reader = new RequestReader();
  let last: Promise<void> = Promise.resolve();
  socket.on('data', (chunk: Buffer) => {
    try {
      for (const request of reader.push(chunk)) {
        const answered = answerer.answer(request);
        last = last.then(async () => {
          socket.write(encodeResponse(await answered));
        });
      }
    } catch {
      // Whoever does not speak the protocol gets no answer; a Python process then runs its own code.
      socket.destroy();
    }
  });
  // A process may die at any time.
  socket.on('error', () => socket.destroy());
}

/** Starts the service on a unix socket. */
export async function startService(path: string, answerer: Answerer): Promise<InstrumentService> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    serve(socket, answerer);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  return {
    path,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
