"""What an attack sent, what was seen, and whether that is good."""

from dataclasses import dataclass


@dataclass
class Row:
    attack: str
    sent: str
    seen: str
    good: bool


def markdown(rows: list[Row]) -> str:
    lines = ["| attack | sent | seen | |", "|---|---|---|---|"]
    cell = lambda text: text.replace("|", "\\|").replace("\n", " ")
    lines += [f"| {cell(row.attack)} | {cell(row.sent)} | {cell(row.seen)} | {'held' if row.good else '**FAILED**'} |"
              for row in rows]
    return "\n".join(lines) + "\n"
