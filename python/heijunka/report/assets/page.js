startTheme();
startMarks();
startSorting();
if (DATA.points > 0) {
  for (const host of document.querySelectorAll('[data-chart]')) makeChart(host);
  redraws.push(() => CHARTS.forEach(({ plot }) => plot.redraw(false, true)));
  startTouch();
  startPools();
  startZoom();
  setWindow(0, END);
  startPrinting();
}
root.dataset.charts = String(CHARTS.length);
root.dataset.rendered = 'true';
