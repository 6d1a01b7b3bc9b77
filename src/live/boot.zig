//! When Windows was started, which tells one start from another.

const std = @import("std");

/// SYSTEM_TIMEOFDAY_INFORMATION, in units of 100 nanoseconds.
const TimeOfDay = extern struct {
    boot: i64,
    current: i64,
    zone_bias: i64,
    zone_id: u32,
    reserved: u32,
    boot_bias: i64,
    sleep_bias: i64,
};
const time_of_day = 3;

extern "ntdll" fn NtQuerySystemInformation(
    class: u32,
    information: *TimeOfDay,
    size: u32,
    written: ?*u32,
) callconv(.winapi) i32;

/// The same until the next start, whoever sets the clock: the bias takes out what setting it put in.
/// Null when the system does not tell.
pub fn startTime() ?i64 {
    var information: TimeOfDay = std.mem.zeroes(TimeOfDay);
    const status = NtQuerySystemInformation(time_of_day, &information, @sizeOf(TimeOfDay), null);
    return if (status == 0) information.boot -% information.boot_bias else null;
}
