const PATHS = {
  close: 'm6 9 6 6 6-6',
  cross: 'M6 6l12 12M18 6 6 18',
  clip: 'M20 11.5 12.2 19.3a5 5 0 0 1-7.1-7.1l8-8a3.3 3.3 0 0 1 4.7 4.7l-8 8a1.7 1.7 0 0 1-2.4-2.4l7.3-7.3',
  send: 'M4.5 12 3.2 4.6c-.1-.7.6-1.2 1.2-.9l16 7.5c.7.3.7 1.3 0 1.6l-16 7.5c-.6.3-1.3-.2-1.2-.9L4.5 12Zm0 0h8',
  file: 'M13 3H7a2 2 0 0 0-2 2v14a2 2 0 0 0 2 2h10a2 2 0 0 0 2-2V9l-6-6Zm0 0v6h6',
  down: 'M12 5v14m-6-6 6 6 6-6',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  alert: 'M12 8v5m0 3.2v.1M12 3l9.5 17h-19L12 3Z',
};

export function Icon({ name }: { name: keyof typeof PATHS }) {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
