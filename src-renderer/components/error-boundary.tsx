import { Component, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Button } from './button.tsx';
import { EmptyState } from './empty-state.tsx';

interface BoundaryState {
  error: unknown;
}

/** A mistake of ours in one place does not take the whole window with it; the place can be shown again. */
export class ErrorBoundary extends Component<{ children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: null };

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return <Broken onRetry={() => this.setState({ error: null })} />;
  }
}

function Broken({ onRetry }: { onRetry: () => void }) {
  const { t } = useTranslation('shared');
  return (
    <EmptyState title={t('broken.title')}>
      <p>{t('broken.text')}</p>
      <Button onClick={onRetry}>{t('broken.retry')}</Button>
    </EmptyState>
  );
}
