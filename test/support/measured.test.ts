import { expect, test } from 'vitest';
import { MEASURED, measured } from './measured.ts';

let tries = 0;

test('what was measured is tried again', MEASURED, () => {
  tries++;
  expect(tries, measured('tries')).toBe(3);
});

test('it took three tries', () => {
  expect(tries).toBe(3);
});

let exact = 0;

test.fails('what is exact is not', MEASURED, () => {
  exact++;
  expect(exact).toBe(2);
});
