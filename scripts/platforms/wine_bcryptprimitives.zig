//! The one function of bcryptprimitives.dll that Bun needs and that Wine 8 lacks.

extern "advapi32" fn SystemFunction036(buf: [*]u8, len: u32) callconv(.winapi) u8;
pub export fn ProcessPrng(buf: [*]u8, len: usize) callconv(.winapi) c_int {
    _ = SystemFunction036(buf, @intCast(len));
    return 1;
}
