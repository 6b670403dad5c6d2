// The boxes in which one looks for a person have no name of their own for those who do not see them (select2): they get
// that of the field.
const nameBoxes = () => {
  for (const box of document.querySelectorAll(".select2-selection__rendered:not([aria-label])")) {
    const field = box.closest(".select2-container")?.previousElementSibling;
    const label = field?.labels?.[0]?.textContent.trim();
    if (label) box.setAttribute("aria-label", label);
  }
};
document.addEventListener("DOMContentLoaded", () => {
  nameBoxes();
  new MutationObserver(nameBoxes).observe(document.body, { childList: true, subtree: true });
});
