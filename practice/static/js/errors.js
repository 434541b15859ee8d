// Takes a form that came back to what is wrong with it, where the browser ignores autofocus on a box.
const summary = document.querySelector("[data-error-summary]");
if (summary && document.activeElement !== summary) summary.focus();
