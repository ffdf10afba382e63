//! The Rust face of `wit/`, generated once for the whole host.
//!
//! The generated module stays private; what the host uses is re-exported by
//! name, so that a change of the generator shows here and nowhere else.

#[expect(missing_docs, reason = "generated code")]
mod generated {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "every-role",
        imports: {
            // Only what really waits pays for a fiber switch.
            "tenon:connector/files.write": async | trappable,
            "tenon:connector/kv.get": async | trappable,
            "tenon:connector/kv.set": async | trappable,
            "tenon:connector/kv.delete": async | trappable,
            "tenon:connector/sql.execute": async | trappable,
            "tenon:connector/database": async | trappable,
            default: trappable,
        },
        exports: { default: async },
        require_store_data_send: true,
        trappable_error_type: {
            "tenon:connector/types.error" => crate::capability::Refusal,
        },
        with: {
            "wasi:io": wasmtime_wasi::p2::bindings::io,
            "wasi:clocks": wasmtime_wasi::p2::bindings::clocks,
            "wasi:http": wasmtime_wasi_http::p2::bindings::http,
            "tenon:connector/transfer.sink": crate::capability::transfer::Sink,
            "tenon:connector/transfer.blob": crate::capability::transfer::Blob,
            "tenon:connector/scratch.file": crate::capability::scratch::File,
        },
    });
}

/// Interfaces the host offers to a component.
pub(crate) use generated::tenon::connector::{
    call, config, database, files, kv, log, scratch, secret, sql, transfer, types,
};

/// Interfaces a component offers to the host, one module per role.
pub(crate) mod exports {
    pub(crate) use super::generated::exports::tenon::connector::{
        database, file_store, handoff, lifecycle, message_log, metadata_store, processor,
        repository, resources,
    };
    pub(crate) use wasmtime_wasi_http::p2::bindings::exports::wasi::http::incoming_handler;
}
