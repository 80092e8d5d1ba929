import { expect, test } from 'vitest';
import { placeBeside } from './place-beside.ts';

const view = { width: 1000, height: 600 };
const box = { width: 100, height: 30 };

test('a box stands in the middle of the side that is asked for', () => {
  const anchor = { left: 400, top: 300, width: 40, height: 20 };
  expect(placeBeside(anchor, box, view, 'bottom')).toEqual({ left: 370, top: 326 });
  expect(placeBeside(anchor, box, view, 'top')).toEqual({ left: 370, top: 264 });
  expect(placeBeside(anchor, box, view, 'right')).toEqual({ left: 446, top: 295 });
  expect(placeBeside(anchor, box, view, 'left')).toEqual({ left: 294, top: 295 });
});

test('it goes to the opposite side where there is no room for it, and stays where neither has any', () => {
  const atTop = { left: 400, top: 4, width: 40, height: 20 };
  expect(placeBeside(atTop, box, view, 'top')).toEqual({ left: 370, top: 30 });
  const atRight = { left: 960, top: 300, width: 30, height: 20 };
  expect(placeBeside(atRight, box, view, 'right')).toEqual({ left: 854, top: 295 });
  const tall = { left: 400, top: 10, width: 40, height: 580 };
  expect(placeBeside(tall, box, view, 'bottom')).toEqual({ left: 370, top: 562 });
});

test('it moves along the window’s edge instead of going over it', () => {
  const inCorner = { left: 2, top: 2, width: 20, height: 20 };
  expect(placeBeside(inCorner, box, view, 'bottom')).toEqual({ left: 8, top: 28 });
  const atEnd = { left: 980, top: 100, width: 20, height: 20 };
  expect(placeBeside(atEnd, box, view, 'bottom')).toEqual({ left: 892, top: 126 });
});
