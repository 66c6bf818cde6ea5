//! Biểu 06 as a spreadsheet: A4 landscape, Times New Roman, ready for print and signature. The same report is
//! always the same bytes.

use chrono::Datelike;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet, XlsxError,
};

use super::report06::{COUNTED_IN, FORM, Line, Report06, TITLE};

const A4: u8 = 9;
const FONT: &str = "Times New Roman";
const LAST_COLUMN: u16 = 12;
/// The first row of the table's head, counted from 0.
const HEAD: u32 = 6;
/// The row of the column numbers.
const NUMBERS: u32 = HEAD + 3;

/// What is merged in the head: rows and columns from the table's corner, and the text.
const HEADINGS: [(u32, u16, u32, u16, &str); 17] = [
    (0, 0, 2, 0, "TT"),
    (0, 1, 2, 1, "Lĩnh vực, công việc giải quyết theo cấp"),
    (0, 2, 0, 5, "Số lượng hồ sơ tiếp nhận"),
    (1, 2, 2, 2, "Tổng số"),
    (1, 3, 1, 4, "Trong kỳ"),
    (2, 3, 2, 3, "Trực tuyến"),
    (2, 4, 2, 4, "Trực tiếp, dịch vụ bưu chính"),
    (1, 5, 2, 5, "Từ kỳ trước"),
    (0, 6, 0, 9, "Số lượng hồ sơ đã giải quyết"),
    (1, 6, 2, 6, "Tổng số"),
    (1, 7, 2, 7, "Trước hạn"),
    (1, 8, 2, 8, "Đúng hạn"),
    (1, 9, 2, 9, "Quá hạn"),
    (0, 10, 0, 12, "Số lượng hồ sơ đang giải quyết"),
    (1, 10, 2, 10, "Tổng số"),
    (1, 11, 2, 11, "Trong hạn"),
    (1, 12, 2, 12, "Quá hạn"),
];

struct Looks {
    plain: Format,
    italic: Format,
    centred: Format,
    title: Format,
    head: Format,
    numbers: Format,
    text: Format,
    count: Format,
    total_text: Format,
    total_count: Format,
}

impl Looks {
    fn new() -> Self {
        let plain = Format::new().set_font_name(FONT).set_font_size(12);
        let bold = plain.clone().set_bold();
        let boxed = plain.clone().set_border(FormatBorder::Thin);
        let boxed = boxed.set_align(FormatAlign::VerticalCenter).set_text_wrap();
        let head = boxed.clone().set_bold().set_align(FormatAlign::Center);
        let count = boxed.clone().set_num_format("#,##0");
        Self {
            italic: plain.clone().set_italic(),
            centred: bold.clone().set_align(FormatAlign::Center),
            title: bold.set_font_size(14).set_align(FormatAlign::Center),
            numbers: boxed.clone().set_italic().set_align(FormatAlign::Center),
            total_text: boxed.clone().set_bold(),
            total_count: count.clone().set_bold(),
            text: boxed,
            plain,
            head,
            count,
        }
    }
}

/// Writes the form.
pub(super) fn write(report: &Report06) -> Result<Vec<u8>, XlsxError> {
    let looks = Looks::new();
    let mut workbook = Workbook::new();
    workbook.set_properties(&properties(report)?);
    let sheet = workbook.add_worksheet();
    set_page(sheet)?;
    write_top(sheet, &looks, report)?;
    write_head(sheet, &looks)?;
    let after = write_lines(sheet, &looks, report)?;
    write_bottom(sheet, &looks, report, after)?;
    workbook.save_to_buffer()
}

/// The date of the document is that of the period's end, not of the writing.
fn properties(report: &Report06) -> Result<DocProperties, XlsxError> {
    let day = report.period.to();
    let part = |number: u32| u8::try_from(number).unwrap_or(1);
    let year = u16::try_from(day.year()).unwrap_or(2000);
    let made = ExcelDateTime::from_ymd(year, part(day.month()), part(day.day()))?;
    Ok(DocProperties::new().set_title(TITLE).set_subject(&report.period_text).set_creation_datetime(&made))
}

fn set_page(sheet: &mut Worksheet) -> Result<(), XlsxError> {
    sheet.set_name("Biểu 06")?;
    sheet.set_paper_size(A4).set_landscape();
    sheet.set_margins(0.5, 0.5, 0.6, 0.6, 0.3, 0.3);
    sheet.set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(HEAD, NUMBERS)?;
    sheet.set_column_width(0, 5)?;
    sheet.set_column_width(1, 36)?;
    for column in 2..=LAST_COLUMN {
        sheet.set_column_width(column, 10)?;
    }
    Ok(())
}

fn write_top(sheet: &mut Worksheet, looks: &Looks, report: &Report06) -> Result<(), XlsxError> {
    let unit = format!("Đơn vị báo cáo: {}", report.unit_name);
    sheet.write_string_with_format(0, 0, FORM, &looks.plain)?;
    sheet.write_string_with_format(0, 6, unit, &looks.plain)?;
    sheet.write_string_with_format(1, 6, "Đơn vị nhận báo cáo: ……………………", &looks.plain)?;
    sheet.merge_range(2, 0, 2, LAST_COLUMN, TITLE, &looks.title)?;
    sheet.merge_range(3, 0, 3, LAST_COLUMN, &report.period_text, &looks.centred)?;
    sheet.write_string_with_format(4, 10, COUNTED_IN, &looks.italic)?;
    Ok(())
}

fn write_head(sheet: &mut Worksheet, looks: &Looks) -> Result<(), XlsxError> {
    for (top, left, bottom, right, text) in HEADINGS {
        let (top, bottom) = (HEAD + top, HEAD + bottom);
        if (top, left) == (bottom, right) {
            sheet.write_string_with_format(top, left, text, &looks.head)?;
        } else {
            sheet.merge_range(top, left, bottom, right, text, &looks.head)?;
        }
    }
    sheet.set_row_height(HEAD + 2, 48)?;
    for column in 0..=LAST_COLUMN {
        let number = format!("({})", column + 1);
        sheet.write_string_with_format(NUMBERS, column, number, &looks.numbers)?;
    }
    Ok(())
}

/// Returns the first row after the table.
fn write_lines(sheet: &mut Worksheet, looks: &Looks, report: &Report06) -> Result<u32, XlsxError> {
    let mut row = NUMBERS + 1;
    write_line(sheet, row, &report.total, (&looks.total_text, &looks.total_count))?;
    for line in &report.lines {
        row += 1;
        write_line(sheet, row, line, (&looks.text, &looks.count))?;
    }
    Ok(row + 1)
}

fn write_line(
    sheet: &mut Worksheet,
    row: u32,
    line: &Line,
    (text, count): (&Format, &Format),
) -> Result<(), XlsxError> {
    match line.number.and_then(|number| u32::try_from(number).ok()) {
        Some(number) => sheet.write_number_with_format(row, 0, number, text)?,
        None => sheet.write_blank(row, 0, text)?,
    };
    sheet.write_string_with_format(row, 1, &line.name, text)?;
    for (column, number) in (2..).zip(line.counts) {
        // A count that no sheet can hold was refused long before.
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        sheet.write_number_with_format(row, column, number, count)?;
    }
    Ok(())
}

fn write_bottom(sheet: &mut Worksheet, looks: &Looks, report: &Report06, after: u32) -> Result<(), XlsxError> {
    let mut row = after;
    for note in report.notes() {
        sheet.write_string_with_format(row, 0, note, &looks.italic)?;
        row += 1;
    }
    let date = "………………, ngày …… tháng …… năm …………";
    sheet.merge_range(row + 1, 7, row + 1, LAST_COLUMN, date, &looks.italic)?;
    let signs = [
        (0, 4, "NGƯỜI LẬP BIỂU", "(Ký, ghi rõ họ tên)"),
        (7, LAST_COLUMN, "THỦ TRƯỞNG ĐƠN VỊ", "(Ký, ghi rõ họ tên, đóng dấu)"),
    ];
    let below = looks.italic.clone().set_align(FormatAlign::Center);
    for (left, right, who, how) in signs {
        sheet.merge_range(row + 2, left, row + 2, right, who, &looks.centred)?;
        sheet.merge_range(row + 3, left, row + 3, right, how, &below)?;
    }
    Ok(())
}
