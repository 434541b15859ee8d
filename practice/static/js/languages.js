// Asks before a page changes its language while something typed on it would be lost. Pages that take it along have buttons
// instead of links, and need none of this. Nothing is kept: others may use this device.
const question = document.querySelector("[data-unsaved]");
let asked; // the link that was pressed

function isTyped(field) {
  if (field.matches(":autofill")) return false; // the browser would fill it in again
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) {
    const options = [...field.options];
    const untouched = field.multiple || options.some((option) => option.defaultSelected)
      ? options.map((option) => option.defaultSelected)
      : options.map((_, index) => index === 0);
    return options.some((option, index) => option.selected !== untouched[index]);
  }
  return "defaultValue" in field && field.value !== field.defaultValue;
}

function somethingWouldBeLost() {
  const sent = [...document.forms].filter((form) => form.method === "post");
  // A form that came back with what is wrong holds what was typed as if it had always stood there.
  const cameBack = document.querySelector("[data-error-summary], [data-carried]") !== null && sent.length > 0;
  return cameBack || sent.some((form) => [...form.elements].some(isTyped));
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-language]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !somethingWouldBeLost()) return;
  event.preventDefault();
  asked = link;
  question.showModal();
});

question?.querySelector("[data-stay]").addEventListener("click", () => question.close());
question?.querySelector("[data-switch]").addEventListener("click", () => window.location.assign(asked.href));
