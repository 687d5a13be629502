import { expect, it } from 'vitest';

import { Arming } from '../src/arming';

it('counts a second and a half after it has begun, and after the last beginning only', () => {
  const work: (() => void)[] = [];
  const told: boolean[] = [];
  const arming = new Arming(
    () => told.push(arming.isArmed),
    (done, milliseconds) => {
      expect(milliseconds).toBe(1500);
      work.push(done);
    }
  );
  expect(arming.isArmed).toBe(false);
  arming.begin();
  arming.begin();
  work[0]?.();
  expect(arming.isArmed).toBe(false);
  work[1]?.();
  expect(arming.isArmed).toBe(true);
  arming.begin();
  expect(told).toEqual([false, false, true, false]);
});
