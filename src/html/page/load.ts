import type { FileChunk, PageData } from '../data.ts';
import { type Model, modelOf } from './model.ts';

/** Unpacks what the document holds. */
export async function loadModel(): Promise<Model> {
  return modelOf((await unpack(0)) as PageData, async (file) => (await unpack(file + 1)) as FileChunk);
}

async function unpack(number: number): Promise<unknown> {
  const text = document.getElementById(`d${number}`)?.textContent ?? '';
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const plain = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  return await new Response(plain).json();
}
