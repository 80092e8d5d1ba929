import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Tooltip, TooltipProvider } from './tooltip.tsx';

// Time passes only when a test says so, however long the machine takes.
beforeEach(() => {
  vi.useFakeTimers();
  // By this name the library knows timers that do not go by themselves.
  vi.stubGlobal('jest', { advanceTimersByTime: (ms: number) => vi.advanceTimersByTime(ms) });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function show(onClick = () => {}) {
  render(
    <TooltipProvider>
      <Tooltip text="Copies the text">
        <button type="button" onClick={onClick}>
          one
        </button>
      </Tooltip>
      <Tooltip text="Takes it back">
        <button type="button">two</button>
      </Tooltip>
    </TooltipProvider>,
  );
  return userEvent.setup({ advanceTimers: (ms) => vi.advanceTimersByTime(ms) });
}

const pass = (ms: number) => {
  act(() => {
    vi.advanceTimersByTime(ms);
  });
};
const button = (name: string) => screen.getByRole('button', { name });

test('the pointer that rests on a sign is told what it means; the next sign tells at once, and only one at a time', async () => {
  const user = show();
  await user.hover(button('one'));
  expect(screen.queryByRole('tooltip')).toBeNull();
  pass(400);
  expect(screen.getByRole('tooltip').textContent).toBe('Copies the text');
  expect(button('one').getAttribute('aria-describedby')).toBe(screen.getByRole('tooltip').id);
  await user.hover(button('two'));
  expect(screen.getByRole('tooltip').textContent).toBe('Takes it back');
  expect(button('one').hasAttribute('aria-describedby')).toBe(false);
  await user.unhover(button('two'));
  pass(400);
  expect(screen.queryByRole('tooltip')).toBeNull();
});

test('the words stay while the pointer is on them', async () => {
  const user = show();
  await user.hover(button('one'));
  pass(400);
  await user.hover(screen.getByRole('tooltip'));
  pass(400);
  expect(screen.queryByRole('tooltip')).not.toBeNull();
});

test('the keyboard reaches them too, Escape closes them, and the child keeps its focus and its own handlers', async () => {
  const onClick = vi.fn();
  const user = show(onClick);
  const element = button('one');
  await user.tab();
  expect(screen.getByRole('tooltip').textContent).toBe('Copies the text');
  await user.keyboard('{Escape}');
  expect(screen.queryByRole('tooltip')).toBeNull();
  expect(button('one')).toBe(element);
  expect(document.activeElement).toBe(element);
  await user.keyboard('{Enter}');
  expect(onClick).toHaveBeenCalledOnce();
});

test('a click closes them, and what was going to open does not', async () => {
  const user = show();
  await user.hover(button('one'));
  fireEvent.pointerDown(button('one'));
  pass(1000);
  expect(screen.queryByRole('tooltip')).toBeNull();
});
