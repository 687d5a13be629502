import { expect, it } from 'vitest';

import { ClickGuard } from '../src/ui/clickGuard';

it('counts a second and a half after it has begun, and after the last beginning only', () => {
  const work: (() => void)[] = [];
  const told: boolean[] = [];
  const arming = new ClickGuard(
    () => told.push(arming.allowsClicks),
    (done, milliseconds) => {
      expect(milliseconds).toBe(1500);
      work.push(done);
    }
  );
  expect(arming.allowsClicks).toBe(false);
  arming.restart();
  arming.restart();
  work[0]?.();
  expect(arming.allowsClicks).toBe(false);
  work[1]?.();
  expect(arming.allowsClicks).toBe(true);
  arming.restart();
  expect(told).toEqual([false, false, true, false]);
});
