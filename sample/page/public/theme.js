/* global document, localStorage */
// Before the first paint, so that a page set to dark does not flash white.
try {
  const theme = localStorage.getItem('sample:theme');
  if (theme) document.documentElement.dataset.theme = theme;
} catch {
  // Storage is forbidden: the system's theme applies.
}
