#!/usr/bin/env python3
"""Writes the register of a database into a workbook by XlsxWriter in constant memory: the other side of the measurement.
Arguments: a connection string of libpq, a file, and by what means: `columns` as `motcua` does it (the columns have the look of
their cells, nothing is written into open ones, one rule draws all borders), `cells` as books usually say it (a format with each
cell, open ones as formatted blanks). Prints the seconds that the writing took, all rows being in memory before."""

import sys
import time
from datetime import datetime, timedelta, timezone

import psycopg2
import xlsxwriter

REGISTER = """
SELECT d.code, p.name, a.name, u.name, d.accepted_at, coalesce(d.due_at, d.due_first), d.finished_at, d.returned_at,
    d.result_delivery, (SELECT e.actor_name FROM dossier_events e WHERE e.dossier_id = d.id AND e.verb IN ('receive', 'accept')
        ORDER BY e.number LIMIT 1), l.name, d.status
FROM dossiers d
JOIN procedure_versions p ON p.id = d.procedure_version_id
JOIN units u ON u.id = d.resolving_unit_id
LEFT JOIN units l ON l.code = d.place_code
LEFT JOIN dossier_people a ON a.dossier_id = d.id AND a.part = 'applicant' AND a.erased_at IS NULL
WHERE d.accepted_at IS NOT NULL AND NOT d.mirrored AND d.parent_id IS NULL AND d.status NOT IN ('voided', 'declined')
ORDER BY d.accepted_at, d.id
"""
OFFICE = timezone(timedelta(hours=7))
DAY_ZERO = datetime(1899, 12, 30)
COLUMNS = 19
MOMENTS = range(8, 12)
LOOK = {"text_wrap": True, "valign": "vcenter", "font_name": "Times New Roman", "font_size": 12}


MOMENT = {"valign": "vcenter", "font_name": "Times New Roman", "font_size": 12, "shrink": True, "num_format": "hh:mm dd/mm/yyyy"}


def moment(at):
    """As days since the day 0 of a workbook, which is written faster than a `datetime`."""
    return (at.astimezone(OFFICE).replace(tzinfo=None) - DAY_ZERO) / timedelta(days=1) if at else ""


def record(row):
    code, procedure, applicant, unit, accepted, due, finished, returned, delivery, receiver, place, status = row
    return (code, procedure, "", applicant or "", "", "", unit, moment(accepted), moment(due), moment(finished),
            moment(returned), delivery, "", "", receiver or "", place or "", status, "")


def by_columns(book, sheet, records):
    sheet.set_column(0, COLUMNS - 1, None, book.add_format(LOOK))
    sheet.set_column(MOMENTS[0], MOMENTS[-1], None, book.add_format(MOMENT))
    for number, cells in enumerate(records, 1):
        sheet.write_number(number, 0, number)
        for column, cell in enumerate(cells, 1):
            if cell and column in MOMENTS:
                sheet.write_number(number, column, cell)
            elif cell:
                sheet.write_string(number, column, cell)
    always = {"type": "formula", "criteria": "=TRUE()", "format": book.add_format({"border": 1})}
    sheet.conditional_format(1, 0, len(records), COLUMNS - 1, always)


def by_cells(book, sheet, records):
    text, date = (book.add_format({"border": 1, **look}) for look in [LOOK, MOMENT])
    for number, cells in enumerate(records, 1):
        sheet.write_number(number, 0, number, text)
        for column, cell in enumerate(cells, 1):
            if cell and column in MOMENTS:
                sheet.write_number(number, column, cell, date)
            elif cell:
                sheet.write_string(number, column, cell, text)
            else:
                sheet.write_blank(number, column, None, text)


def main(url, path, means):
    write = {"columns": by_columns, "cells": by_cells}[means]
    connection = psycopg2.connect(url)
    rows = connection.cursor("register")
    rows.itersize = 5000
    rows.execute(REGISTER)
    records = [record(row) for row in rows]
    begun = time.monotonic()
    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    write(book, book.add_worksheet("Sổ theo dõi"), records)
    book.close()
    print(time.monotonic() - begun)


main(*sys.argv[1:])
