import { expect, it } from 'vitest';

import { ClickGuard } from '../src/ui/clickGuard';

it('counts a second and a half after it has begun, and after the last beginning only', () => {
  const work: (() => void)[] = [];
  const changes: boolean[] = [];
  const guard = new ClickGuard(
    () => changes.push(guard.allowsClicks),
    (done, milliseconds) => {
      expect(milliseconds).toBe(1500);
      work.push(done);
    }
  );
  expect(guard.allowsClicks).toBe(false);
  guard.restart();
  guard.restart();
  work[0]?.();
  expect(guard.allowsClicks).toBe(false);
  work[1]?.();
  expect(guard.allowsClicks).toBe(true);
  guard.restart();
  expect(changes).toEqual([false, false, true, false]);
});
