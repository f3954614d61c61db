// Filters of a table: data-table is its id, data-unit what its rows are. They live in the address (#role=web&level=Write), so that a view can be shared.
(() => {
  "use strict";
  const filters = document.querySelector(".filters");
  if (!filters) return;
  const controls = [...filters.querySelectorAll("[data-filter]")];
  const shown = filters.querySelector("[data-shown]");
  const none = document.getElementById("no-match");
  const { table, unit } = filters.dataset;
  const rows = [...document.querySelectorAll(`#${table} tbody tr`)];
  const texts = rows.map((row) => row.textContent.toLowerCase());

  const choices = controls.map((control) => control.dataset.filter).filter((name) => name !== "text");

  const apply = () => {
    const wanted = Object.fromEntries(controls.map((control) => [control.dataset.filter, control.value]));
    const text = wanted.text.trim().toLowerCase();
    let count = 0;
    rows.forEach((row, index) => {
      const matches =
        choices.every((name) => !wanted[name] || row.dataset[name] === wanted[name]) &&
        texts[index].includes(text);
      row.hidden = !matches;
      count += matches;
    });
    shown.textContent = `${count.toLocaleString("en")} of ${rows.length.toLocaleString("en")} ${unit}`;
    none.hidden = count > 0;
  };

  const remember = () => {
    const set = controls.filter((control) => control.value);
    const fragment = new URLSearchParams(set.map((control) => [control.dataset.filter, control.value])).toString();
    history.replaceState(null, "", fragment ? `#${fragment}` : location.pathname + location.search);
  };

  const recall = () => {
    const fragment = location.hash.slice(1);
    if (fragment && !fragment.includes("=")) return;
    const wanted = new URLSearchParams(fragment);
    for (const control of controls) control.value = wanted.get(control.dataset.filter) ?? "";
    // A choice that the page does not have would leave the control empty, and hide nothing.
    for (const control of controls) if (control.selectedIndex === -1) control.value = "";
    apply();
  };

  filters.addEventListener("input", () => {
    apply();
    remember();
  });
  filters.querySelector("[data-reset]").addEventListener("click", () => {
    for (const control of controls) control.value = "";
    apply();
    remember();
    controls[0].focus();
  });
  addEventListener("hashchange", recall);
  filters.hidden = false;
  recall();
})();
