//! The rules of the office, pure: no input or output, no database, no clock.
//!
//! The words of the code, each with the office's word and its meaning:
//!
//! | Code | Vietnamese | Meaning |
//! |---|---|---|
//! | procedure | thủ tục hành chính (TTHC) | what can be asked for; has versions with validity dates |
//! | field | lĩnh vực | group of procedures |
//! | unit | cơ quan, đơn vị | department, commune, land office, centre |
//! | centre, counter | Trung tâm Phục vụ hành chính công, quầy | where dossiers are received and results returned |
//! | dossier | hồ sơ | one request |
//! | applicant, submitter | chủ hồ sơ, người nộp (được ủy quyền) | whom it is for, who brings it |
//! | paper | thành phần hồ sơ, giấy tờ | what is handed in |
//! | channel | kênh: trực tiếp, trực tuyến, bưu chính | `direct`, `online`, `postal` |
//! | step, leg | bước; nhánh liên thông | hop inside a unit's process; part done by another agency |
//! | parent | hồ sơ liên thông | dossier that is made of legs: the citizen deals with it |
//! | term | thời hạn giải quyết | amount and unit: `working_hour`, `working_day`, `calendar_day`, `month` |
//! | case | trường hợp | lawful other term of a procedure, a verification say |
//! | cutoff | giờ chốt nhận | hour after which a receipt counts as the next working day's |
//! | hard area | vùng khó khăn | place where a longer term holds |
//! | pause | tạm dừng | interval in which the clock stands |
//! | supplement | bổ sung | papers asked for after intake |
//! | extension | gia hạn | one move of the due date, with its apology |
//! | result, ready, returned | kết quả, đã xử lý xong, đã trả | signed; handed over |
//! | early, on time, late | trước hạn, đúng hạn, quá hạn | standing of an end against its due date |
//! | make-up day | ngày làm bù | weekend day worked for a weekday off |
//! | publication | công bố lịch | a calendar that comes into force, and the open dossiers that follow it |
//! | notice | thông báo | one message to one person on one channel |
//! | template, wording | mẫu tin | what notices of a purpose say on a channel, in versions |
//! | tariff, budget | đơn giá, hạn mức | what a part of a message costs; what a unit may spend in a month |
//! | session | phiên đăng nhập | what a log-in opens |
//! | second factor, recovery code | lớp xác thực thứ hai, mã dự phòng | what is shown beside a password; what stands in for it, once |
//! | seal, adjustment | chốt số liệu, điều chỉnh | figures frozen as they were reported; what changed of them since |
//! | report period | kỳ báo cáo | `[from, to)`, dates of Asia/Ho_Chi_Minh |
//! | expectation | thời gian dự kiến | when results of a kind are usually ready; never a promise |
//! | tally, mark | kiểm đếm, dấu | sums of units and fields by day; what they hold of one dossier |

pub mod audit;
pub mod calendar;
pub mod calendars;
pub mod catalogue;
pub mod code;
pub mod cost;
pub mod deadline;
pub mod decimal;
pub mod delivery;
pub mod device;
pub mod disclosure;
pub mod dossier;
pub mod dossier_kind;
pub mod expectation;
pub mod foresight;
pub mod gateway;
pub mod held;
pub mod ids;
pub mod legs;
pub mod notice;
pub mod period;
pub mod person;
pub mod procedure;
pub mod process;
pub mod quality;
pub mod ranking;
pub mod retention;
pub mod role;
pub mod running_total;
pub mod scopes;
pub mod session;
pub mod successions;
pub mod tally;
pub mod unit;
pub mod unit_tree;
pub mod words;
mod working_days;
pub mod working_time;
