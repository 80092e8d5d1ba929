/** A PNG of a sunset, one unit per byte. */
export function makePicture(width = 640, height = 420): string {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d')!;
  const sky = context.createLinearGradient(0, 0, 0, height);
  sky.addColorStop(0, '#2d3a6b');
  sky.addColorStop(0.6, '#e98a5b');
  sky.addColorStop(1, '#f6d186');
  context.fillStyle = sky;
  context.fillRect(0, 0, width, height);
  context.fillStyle = '#fff1c9';
  context.beginPath();
  context.arc(width * 0.62, height * 0.66, 46, 0, Math.PI * 2);
  context.fill();
  context.fillStyle = '#26304f';
  context.fillRect(0, height * 0.8, width, height * 0.2);
  return atob(canvas.toDataURL('image/png').split(',')[1]!);
}
