//! Terminals of Linux and macOS. `std.posix.system` is bare system calls on Linux and the system
//! library on macOS, which has no stable calls below it.

const std = @import("std");
const Fault = @import("../format/fault.zig").Fault;
const system = std.posix.system;

pub const State = std.posix.termios;

pub fn size(fd: i32, rows: *u32, cols: *u32) Fault {
    var window: std.posix.winsize = undefined;
    const request = std.posix.T.IOCGWINSZ;
    const fault = faultOf(switch (@import("builtin").os.tag) {
        .linux => system.ioctl(fd, request, @intFromPtr(&window)),
        else => system.ioctl(fd, @bitCast(@as(u32, request)), &window),
    });
    if (fault != .none) return fault;
    rows.* = window.row;
    cols.* = window.col;
    return .none;
}

pub fn read(fd: i32, state: *State) Fault {
    return faultOf(system.tcgetattr(fd, state));
}

pub fn write(fd: i32, state: *const State) Fault {
    return faultOf(system.tcsetattr(fd, .DRAIN, state));
}

/// As cfmakeraw(3): every byte at once, nothing echoed, no signals from keys.
pub fn toRaw(state: *State) void {
    state.iflag.IGNBRK = false;
    state.iflag.BRKINT = false;
    state.iflag.PARMRK = false;
    state.iflag.ISTRIP = false;
    state.iflag.INLCR = false;
    state.iflag.IGNCR = false;
    state.iflag.ICRNL = false;
    state.iflag.IXON = false;
    state.oflag.OPOST = false;
    state.lflag.ECHO = false;
    state.lflag.ECHONL = false;
    state.lflag.ICANON = false;
    state.lflag.ISIG = false;
    state.lflag.IEXTEN = false;
    state.cflag.PARENB = false;
    state.cflag.CSIZE = .CS8;
    state.cc[@intFromEnum(system.V.MIN)] = 1;
    state.cc[@intFromEnum(system.V.TIME)] = 0;
}

/// Lines, echoed, edited by the terminal; keys send signals.
pub fn toCooked(state: *State) void {
    state.iflag.ICRNL = true;
    state.iflag.IXON = true;
    state.oflag.OPOST = true;
    state.oflag.ONLCR = true;
    state.lflag.ECHO = true;
    state.lflag.ECHOE = true;
    state.lflag.ICANON = true;
    state.lflag.ISIG = true;
    state.lflag.IEXTEN = true;
}

/// A line feed stays one character.
pub fn passOutput(state: *State) void {
    state.oflag.OPOST = false;
}

fn faultOf(result: anytype) Fault {
    return switch (std.posix.errno(result)) {
        .SUCCESS => .none,
        .NOTTY, .BADF, .INVAL, .NODEV => .not_a_terminal,
        else => .system,
    };
}
