/**
 * Runs `task` once before the next frame is painted. A hidden window paints none, so there a timer takes its place
 * (badge and notifications must go on).
 */
export type ScheduleFrame = (task: () => void) => void;

export const scheduleBrowserFrame: ScheduleFrame = (task) => {
  if (document.visibilityState === 'hidden') setTimeout(task, 250);
  else requestAnimationFrame(task);
};
