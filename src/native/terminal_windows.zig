//! The console of Windows. File descriptors 0, 1 and 2 stand for the standard handles.

const std = @import("std");
const Fault = @import("../format/fault.zig").Fault;
const Handle = std.os.windows.HANDLE;

/// A console's mode (GetConsoleMode).
pub const State = extern struct { mode: u32 };

const Coordinate = extern struct { x: i16, y: i16 };
const ScreenBufferInfo = extern struct {
    size: Coordinate,
    cursor: Coordinate,
    attributes: u16,
    window: extern struct { left: i16, top: i16, right: i16, bottom: i16 },
    maximum: Coordinate,
};

extern "kernel32" fn GetStdHandle(which: u32) callconv(.winapi) ?Handle;
extern "kernel32" fn GetConsoleMode(console: Handle, mode: *u32) callconv(.winapi) c_int;
extern "kernel32" fn SetConsoleMode(console: Handle, mode: u32) callconv(.winapi) c_int;
extern "kernel32" fn GetConsoleScreenBufferInfo(
    console: Handle,
    info: *ScreenBufferInfo,
) callconv(.winapi) c_int;

// Of a console's input handle (SetConsoleMode in the Windows API).
const enable_processed_input = 0x0001;
const enable_line_input = 0x0002;
const enable_echo_input = 0x0004;
const enable_virtual_terminal_input = 0x0200;

pub fn size(fd: i32, rows: *u32, cols: *u32) Fault {
    const console = handleOf(fd) orelse return .not_a_terminal;
    var info: ScreenBufferInfo = undefined;
    if (GetConsoleScreenBufferInfo(console, &info) == 0) return .not_a_terminal;
    const height = @as(i32, info.window.bottom) - info.window.top + 1;
    const width = @as(i32, info.window.right) - info.window.left + 1;
    if (height < 0 or width < 0) return .system;
    rows.* = @intCast(height);
    cols.* = @intCast(width);
    return .none;
}

pub fn read(fd: i32, state: *State) Fault {
    const console = handleOf(fd) orelse return .not_a_terminal;
    return if (GetConsoleMode(console, &state.mode) == 0) .not_a_terminal else .none;
}

pub fn write(fd: i32, state: *const State) Fault {
    const console = handleOf(fd) orelse return .not_a_terminal;
    return if (SetConsoleMode(console, state.mode) == 0) .system else .none;
}

pub fn toRaw(state: *State) void {
    state.mode &= ~@as(u32, enable_processed_input | enable_line_input | enable_echo_input);
    state.mode |= enable_virtual_terminal_input;
}

pub fn toCooked(state: *State) void {
    state.mode |= enable_processed_input | enable_line_input | enable_echo_input;
}

/// A console shows bytes as they are.
pub fn passOutput(_: *State) void {}

fn handleOf(fd: i32) ?Handle {
    if (fd < 0 or fd > 2) return null;
    // STD_INPUT_HANDLE is -10, then output and error.
    const which: u32 = @bitCast(-10 - fd);
    return GetStdHandle(which);
}
