"""Compares the files of every layout, as LibreOffice and Poppler read them, with what the API answers; then changes one number
of a file, and one letter of a register, and looks whether the comparison tells of it."""

import csv
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PROVINCE = Path(__file__).resolve().parents[2] / "config" / "province"
YEAR = "2024"
QUARTER = ["--quarter", f"{YEAR}-Q2"]
# A comma between, quotes where needed, UTF-8, numbers as they are and not as they are shown.
AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,false,false"
A4_LANDSCAPE = (842, 595)
# What is changed where: the first number of a table, which is one of its total; the last digit of the first code of a register.
NUMBER = (r'(<c r="[A-Z]+\d+" s="\d+"><v>)(\d+)(</v>)', lambda number: str(int(number) + 1))
CODE = (r"(<t>H21[^<]*-\d*)(\d)(</t>)", lambda digit: str((int(digit) + 1) % 10))
TAMPERED = {"06": NUMBER, "register": CODE}


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


def read_by_office(house: House, books: list[Path], into: Path):
    """Each workbook as a table, and those with figures on paper too."""
    office(house.home, AS_CSV, into / "csv", books)
    office(house.home, "pdf", into / "paper", [book for book in books if book.stem != "register"])


def tampered(book: Path, into: Path) -> Path:
    """A copy of a workbook in which one thing is another."""
    pattern, other = TAMPERED[book.stem]
    copy = into / book.name
    changed = 0
    with zipfile.ZipFile(book) as whole, zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED) as made:
        for name in whole.namelist():
            text = whole.read(name)
            if name == "xl/worksheets/sheet1.xml":
                change = lambda found: found[1] + other(found[2]) + found[3]
                text, changed = re.subn(pattern, change, text.decode("utf-8"), count=1)
            made.writestr(name, text)
    if changed != 1:
        sys.exit(f"{book.name}: nothing to tamper with")
    return copy


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


def check_table(house: House, read: Path, layout: str, report: dict) -> tuple[list[str], int, int]:
    """Returns what differs in what LibreOffice has read, how many numbers were compared and how many sheets of paper there are."""
    wrong, compared = [], 0
    lines = [report["total"], *report["lines"]]
    rows = rows_of(read / "csv" / f"{layout}.csv")
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
    papers = [("LibreOffice", read / "paper" / f"{layout}.pdf"), ("motcua", house.home / "files" / f"{layout}.pdf")]
    for kind, pdf in papers:
        size, sheets = size_of(pdf)
        if size != A4_LANDSCAPE:
            wrong.append(f"{layout}: the sheet of {kind} is {size}")
        digits = re.sub(r"\D", "", text_of(pdf))
        for line in lines:
            compared += len(figures(line))
            if digits_of_line(line, report) not in digits:
                wrong.append(f"{layout}: {line['name']} does not stand on the paper of {kind}")
    return wrong, compared, sheets


def as_we_write(cell: str) -> str:
    """A date as LibreOffice writes it where cells are not written as they are shown: 05/10/2024 08:00:00 is the tenth of May."""
    return re.sub(r"^(\d\d)/(\d\d)/(\d{4}) (\d\d:\d\d):00$", r"\4 \2/\1/\3", cell)


def check_register(house: House, read: Path) -> tuple[list[str], int]:
    """The register by its own CSV, as there is no JSON of it."""
    ours = [row for row in rows_of(house.home / "files" / "register.csv") if len(row) > 2][1:]
    theirs = [row for row in rows_of(read / "csv" / "register.csv") if len(row) > 2 and row[0].isdigit()]
    same = [row[1:] for row in ours] == [[as_we_write(cell) for cell in row[1 : len(ours[0])]] for row in theirs]
    return [] if same and ours else [f"register: {len(ours)} lines of ours are not the {len(theirs)} of the sheet"], len(ours)


def check_itself(house: House, report: dict) -> list[str]:
    """Returns where a changed number was not seen: on the sheet of 06, on its paper, or in the register."""
    read = house.home / "tampered"
    books = [tampered(house.home / "files" / f"{layout}.xlsx", read) for layout in TAMPERED]
    read_by_office(house, books, read)
    told = check_table(house, read, "06", report)[0] + check_register(house, read)[0]
    signs = ["the sheet", "the paper of LibreOffice", "register: "]
    return [f"a changed number is not seen: {sign}" for sign in signs if not any(sign in line for line in told)]


def main(binary: str, dossiers: str) -> int:
    with tempfile.TemporaryDirectory(prefix="office-check-") as home:
        # The database's own user must reach it.
        os.chmod(home, 0o755)
        house = House(binary, Path(home))
        for folder in ["files", "csv", "paper", "tampered"]:
            (house.home / folder).mkdir()
        house.told("import", "catalogue", str(PROVINCE))
        house.told("simulate", "--year", YEAR, "--dossiers", dossiers)
        layouts = [line.split("\t")[0] for line in house.told("export", "report").splitlines()]
        tables = [layout for layout in layouts if layout != "register"]
        workbooks = [house.written(layout, "xlsx") for layout in layouts]
        for layout in tables:
            house.written(layout, "pdf")
        house.written("register", "csv")
        read_by_office(house, workbooks, house.home)
        wrong, lines = check_register(house, house.home)
        print(f"register: {lines} lines")
        reports = {layout: json.loads(house.written(layout, "json").read_text(encoding="utf-8")) for layout in tables}
        for layout, report in reports.items():
            differs, compared, sheets = check_table(house, house.home, layout, report)
            wrong += differs
            print(f"{layout}: {1 + len(report['lines'])} lines, {compared} numbers compared, {sheets} sheets of paper")
        wrong += check_itself(house, reports["06"])
    for line in wrong:
        print(line, file=sys.stderr)
    print("all numbers are the same" if not wrong else f"{len(wrong)} differences")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
