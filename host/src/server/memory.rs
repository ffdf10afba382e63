//! Memory that the allocator keeps although nobody uses it.

/// Gives it to the system. What other threads have freed is found by whoever
/// asks for it alone.
pub(super) fn give_back() {
    // SAFETY: it may be called by any thread at any time.
    #[expect(unsafe_code, reason = "the allocator has no other interface")]
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
}
