"""Write the goldens anew: `python -m tests.report.update`; then read the diff."""

from tests.report.goldens import FOLDER, goldens


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    wanted = goldens()
    for path in FOLDER.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
