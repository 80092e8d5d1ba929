import { act, cleanup, render, screen } from '@testing-library/react';
import { I18nextProvider } from 'react-i18next';
import { afterEach, expect, test } from 'vitest';
import { createI18n } from './i18n.ts';
import { useTexts } from './use-texts.ts';

afterEach(cleanup);

function Line({ count }: { count: number }) {
  const { t, i18n } = useTexts('conversation');
  return <p>{[t('message.you'), t('list.jumpCount', { count }), i18n.language].join(' | ')}</p>;
}

test('texts follow the language and their values, and each instance has its own', async () => {
  const instance = createI18n('en');
  const other = createI18n('vi');
  const view = (count: number) => (
    <I18nextProvider i18n={instance}>
      <Line count={count} />
    </I18nextProvider>
  );
  const { rerender } = render(view(1));
  expect(screen.getByText('You | 1 new message | en')).toBeTruthy();
  rerender(view(3));
  expect(screen.getByText('You | 3 new messages | en')).toBeTruthy();
  await act(() => instance.changeLanguage('vi'));
  expect(screen.getByText('Bạn | 3 tin mới | vi')).toBeTruthy();
  await act(() => other.changeLanguage('en'));
  expect(screen.getByText('Bạn | 3 tin mới | vi')).toBeTruthy();
});
