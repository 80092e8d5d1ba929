/** Shapes of Lucide (ISC license), each as one path: they are drawn with every message. */
const SHAPES = {
  copy: 'M10 8h10a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-10a2 2 0 0 1-2-2v-10a2 2 0 0 1 2-2zM4 16c-1.1 0-2-.9-2-2V4c0-1.1.9-2 2-2h10c1.1 0 2 .9 2 2',
  check: 'M20 6 9 17l-5-5',
  'check-check': 'M18 6 7 17l-5-5M22 10l-7.5 7.5L13 16',
  clock: 'M22 12a10 10 0 1 1-20 0 10 10 0 0 1 20 0zM12 6v6l4 2',
};

interface LineIconProps {
  name: keyof typeof SHAPES;
  strokeWidth?: number;
}

/** A sign of 14 pixels beside a message. Decoration: what it stands for is said in words. */
export function LineIcon({ name, strokeWidth = 2 }: LineIconProps) {
  return (
    <svg
      width={14}
      height={14}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={strokeWidth}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden
    >
      <path d={SHAPES[name]} />
    </svg>
  );
}
