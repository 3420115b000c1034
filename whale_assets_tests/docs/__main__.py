"""`make docs`: write the generated part of the pages of reference anew."""

from whale_assets_tests.docs.pages import FOLDER, REFERENCE, renewed

for page in REFERENCE:
    (FOLDER / page).write_text(renewed(page), encoding="utf-8")
    print(f"docs/{page}")
