"""Compares the files of every layout, as LibreOffice and Poppler read them, with what the API answers."""

import csv
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PROVINCE = Path(__file__).resolve().parents[2] / "config" / "province"
YEAR = "2024"
QUARTER = ["--quarter", f"{YEAR}-Q2"]
# A comma between, quotes where needed, UTF-8, numbers as they are and not as they are shown.
AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false"
A4_LANDSCAPE = (842, 595)


class House:
    """The program over a data directory of its own; it keeps a PostgreSQL there."""

    def __init__(self, binary: str, home: Path):
        self.binary, self.home = binary, home
        clean = {name: value for name, value in os.environ.items() if not name.startswith("MOTCUA__")}
        self.settings = {**clean, "MOTCUA__DATA__DIR": str(home / "data"), "MOTCUA__LOG__FILTER": "error"}

    def told(self, *arguments: str) -> str:
        ran = subprocess.run([self.binary, *arguments], cwd=self.home, env=self.settings, capture_output=True, text=True)
        if ran.returncode != 0:
            sys.exit(f"motcua {' '.join(arguments)}: {ran.stderr}")
        return ran.stdout

    def written(self, layout: str, kind: str) -> Path:
        out = self.home / "files" / f"{layout}.{kind}"
        self.told("export", "report", layout, *QUARTER, "--format", kind, "--out", str(out))
        return out


def office(home: Path, target: str, into: Path, files: list[Path]):
    profile = f"-env:UserInstallation=file://{home}/office"
    subprocess.run(["soffice", profile, "--headless", "--convert-to", target, "--outdir", into, *files],
                   check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600)


def figures(line: dict) -> list[int]:
    """Counts, then shares in hundredths of a percent; a share of nothing is no figure."""
    shares = [share["basis_points"] for share in line["rates"]]
    return line["counts"] + [share for share in shares if share is not None]


def places(report: dict, kind: str) -> list[int]:
    return [place for place, column in enumerate(report["columns"]) if column["kind"] == kind]


def figures_of_sheet(row: list[str], report: dict) -> list[int]:
    counts = [int(float(row[place])) for place in places(report, "count")]
    shares = [row[place] for place in places(report, "rate")]
    # LibreOffice writes what is formatted as a percentage as one: 99.96%.
    return counts + [round(float(share.removesuffix("%")) * 100) for share in shares if share != ""]


def digits_of_line(line: dict, report: dict) -> str:
    """The digits of a line as they stand side by side on paper."""
    counts, rates = iter(line["counts"]), iter(line["rates"])
    shown = []
    for column in report["columns"]:
        if column["kind"] == "count":
            shown.append(str(next(counts)))
        elif column["kind"] == "rate":
            shown.append(next(rates)["text"] or "")
    return re.sub(r"\D", "", "".join(shown))


def text_of(pdf: Path) -> str:
    return subprocess.run(["pdftotext", "-raw", pdf, "-"], check=True, capture_output=True, text=True).stdout


def size_of(pdf: Path) -> tuple[tuple[int, int], int]:
    about = subprocess.run(["pdfinfo", pdf], check=True, capture_output=True, text=True).stdout
    wide, high = re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", about).groups()
    return (round(float(wide)), round(float(high))), int(re.search(r"Pages:\s+(\d+)", about).group(1))


def rows_of(table: Path) -> list[list[str]]:
    with table.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines))


def check_table(house: House, layout: str, report: dict) -> tuple[list[str], int, int]:
    """Returns what differs, how many numbers were compared and how many sheets of paper there are."""
    wrong, compared = [], 0
    lines = [report["total"], *report["lines"]]
    rows = rows_of(house.home / "csv" / f"{layout}.csv")
    first = next((at for at, row in enumerate(rows) if len(row) > 1 and row[1] == "Tổng cộng"), None)
    if first is None:
        return [f"{layout}: no total in what LibreOffice read"], 0, 0
    for line, row in zip(lines, rows[first:]):
        theirs, ours = figures_of_sheet(row, report), figures(line)
        compared += len(ours)
        if row[1] != line["name"] or theirs != ours:
            wrong.append(f"{layout}: {line['name']}: the API says {ours}, the sheet {row[1]} {theirs}")
    if len(rows) < first + len(lines):
        wrong.append(f"{layout}: {len(lines)} lines in the API, {len(rows) - first} in the sheet")
    sheets = 0
    for kind, pdf in [("LibreOffice", house.home / "paper" / f"{layout}.pdf"), ("motcua", house.home / "files" / f"{layout}.pdf")]:
        size, sheets = size_of(pdf)
        if size != A4_LANDSCAPE:
            wrong.append(f"{layout}: the sheet of {kind} is {size}")
        digits = re.sub(r"\D", "", text_of(pdf))
        for line in lines:
            compared += len(figures(line))
            if digits_of_line(line, report) not in digits:
                wrong.append(f"{layout}: {line['name']} does not stand on the paper of {kind}")
    return wrong, compared, sheets


def check_register(house: House) -> tuple[list[str], int]:
    """The register by its own CSV, as there is no JSON of it."""
    ours = [row for row in rows_of(house.home / "files" / "register.csv") if len(row) > 2][1:]
    theirs = [row for row in rows_of(house.home / "csv" / "register.csv") if len(row) > 2 and row[0].isdigit()]
    same = [row[1:] for row in ours] == [row[1 : len(ours[0])] for row in theirs]
    return [] if same and ours else [f"register: {len(ours)} lines of ours are not the {len(theirs)} of the sheet"], len(ours)


def main(binary: str, dossiers: str) -> int:
    with tempfile.TemporaryDirectory(prefix="office-check-") as home:
        # The database's own user must reach it.
        os.chmod(home, 0o755)
        house = House(binary, Path(home))
        for folder in ["files", "csv", "paper"]:
            (house.home / folder).mkdir()
        house.told("import", "catalogue", str(PROVINCE))
        house.told("simulate", "--year", YEAR, "--dossiers", dossiers)
        layouts = [line.split("\t")[0] for line in house.told("export", "report").splitlines()]
        tables = [layout for layout in layouts if layout != "register"]
        workbooks = [house.written(layout, "xlsx") for layout in layouts]
        for layout in tables:
            house.written(layout, "pdf")
        house.written("register", "csv")
        office(house.home, AS_CSV, house.home / "csv", workbooks)
        office(house.home, "pdf", house.home / "paper", [book for book in workbooks if book.stem != "register"])
        wrong, lines = check_register(house)
        print(f"register: {lines} lines")
        for layout in tables:
            report = json.loads(house.written(layout, "json").read_text(encoding="utf-8"))
            differs, compared, sheets = check_table(house, layout, report)
            wrong += differs
            print(f"{layout}: {1 + len(report['lines'])} lines, {compared} numbers compared, {sheets} sheets of paper")
    for line in wrong:
        print(line, file=sys.stderr)
    print("all numbers are the same" if not wrong else f"{len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
