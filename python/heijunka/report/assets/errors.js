'use strict';
window.addEventListener('error', (event) => {
  const root = document.documentElement;
  root.dataset.errors = ((root.dataset.errors || '') + ' ' + event.message).trim();
});
document.addEventListener('securitypolicyviolation', (event) => {
  const root = document.documentElement;
  root.dataset.errors = ((root.dataset.errors || '') + ' policy: ' + event.violatedDirective).trim();
});
document.documentElement.dataset.theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
