//! Makes a component of a plugin crate.

use std::sync::OnceLock;

use crate::{Result, lifecycle::Plugin};

#[doc(hidden)]
#[cfg(target_family = "wasm")]
pub use crate::wasm::{bindings, component::Component};

/// What a component's custom section `tenon-sdk` holds.
#[doc(hidden)]
pub const VERSION: &[u8] = env!("CARGO_PKG_VERSION").as_bytes();

/// The version with its length in its type, as the section wants it.
#[doc(hidden)]
pub const fn version<const LENGTH: usize>() -> [u8; LENGTH] {
    match VERSION.first_chunk() {
        Some(version) => *version,
        None => [0; LENGTH],
    }
}

/// Makes the crate a component: `export!(Disk: file_store)` names the plugin and its roles.
///
/// On targets other than wasm it only checks that the plugin has the traits of its roles.
#[macro_export]
macro_rules! export {
    ($plugin:ident $(: $($role:ident),+ $(,)?)?) => {
        const _: () = {
            impl $crate::export::Shared for $plugin {
                fn cell() -> &'static ::std::sync::OnceLock<Self> {
                    static PLUGIN: ::std::sync::OnceLock<$plugin> = ::std::sync::OnceLock::new();
                    &PLUGIN
                }
            }
            $crate::export_role!(lifecycle $plugin);
            $($($crate::export_role!($role $plugin);)+)?
        };
    };
}

/// One role of [`export!`].
#[doc(hidden)]
#[macro_export]
#[cfg(target_family = "wasm")]
macro_rules! export_role {
    (lifecycle $plugin:ident) => {
        // Tells hosts and tools which SDK made the component. In the plugin's own crate, because a
        // linker may leave out what nothing refers to in any other.
        #[used]
        #[unsafe(link_section = "tenon-sdk")]
        static VERSION: [u8; $crate::export::VERSION.len()] = $crate::export::version();

        type TenonComponent = $crate::export::Component<$plugin>;
        $crate::export::bindings::plugin::export_plugin!(TenonComponent with_types_in $crate::export::bindings::plugin);
    };
    (file_store $plugin:ident) => {
        $crate::export::bindings::file_store::export_file_store!(TenonComponent with_types_in $crate::export::bindings::file_store);
    };
    (handoff $plugin:ident) => {
        $crate::export::bindings::handoff::export_handoff!(TenonComponent with_types_in $crate::export::bindings::handoff);
    };
    (database $plugin:ident) => {
        $crate::export::bindings::database::export_database!(TenonComponent with_types_in $crate::export::bindings::database);
    };
    (message_log $plugin:ident) => {
        $crate::export::bindings::message_log::export_message_log!(TenonComponent with_types_in $crate::export::bindings::message_log);
    };
    (metadata_store $plugin:ident) => {
        $crate::export::bindings::metadata_store::export_metadata_store!(TenonComponent with_types_in $crate::export::bindings::metadata_store);
    };
    (processor $plugin:ident) => {
        $crate::export::bindings::processor::export_processor!(TenonComponent with_types_in $crate::export::bindings::processor);
    };
    (repository $plugin:ident) => {
        $crate::export::bindings::repository::export_repository!(TenonComponent with_types_in $crate::export::bindings::repository);
    };
    (rest $plugin:ident) => {
        $crate::export::bindings::rest::export_rest!(TenonComponent with_types_in $crate::export::bindings::rest);
    };
}

/// One role of [`export!`].
#[doc(hidden)]
#[macro_export]
#[cfg(not(target_family = "wasm"))]
macro_rules! export_role {
    (lifecycle $plugin:ident) => {
        const fn is_plugin<P: $crate::lifecycle::Plugin>() {}
        const _: () = is_plugin::<$plugin>();
    };
    (file_store $plugin:ident) => {
        const fn is_file_store<P: $crate::file_store::FileStore>() {}
        const _: () = is_file_store::<$plugin>();
    };
    (handoff $plugin:ident) => {
        const fn is_handoff<P: $crate::handoff::Handoff>() {}
        const _: () = is_handoff::<$plugin>();
    };
    (database $plugin:ident) => {
        const fn is_database<P: $crate::database::Database>() {}
        const _: () = is_database::<$plugin>();
    };
    (message_log $plugin:ident) => {
        const fn is_message_log<P: $crate::message_log::MessageLog>() {}
        const _: () = is_message_log::<$plugin>();
    };
    (metadata_store $plugin:ident) => {
        const fn is_metadata_store<P: $crate::metadata_store::MetadataStore>() {}
        const _: () = is_metadata_store::<$plugin>();
    };
    (processor $plugin:ident) => {
        const fn is_processor<P: $crate::processor::Processor>() {}
        const _: () = is_processor::<$plugin>();
    };
    (repository $plugin:ident) => {
        const fn is_repository<P: $crate::repository::Repository>() {}
        const _: () = is_repository::<$plugin>();
    };
    (rest $plugin:ident) => {
        const fn is_rest<P: $crate::rest::Rest>() {}
        const _: () = is_rest::<$plugin>();
    };
}

/// A plugin that its sandbox makes once.
#[doc(hidden)]
pub trait Shared: Plugin {
    /// Where the plugin is kept.
    fn cell() -> &'static OnceLock<Self>;

    /// The plugin, made on first use.
    fn shared() -> Result<&'static Self> {
        if let Some(plugin) = Self::cell().get() {
            return Ok(plugin);
        }
        #[cfg(feature = "tracing")]
        crate::log::install();
        let plugin = Self::new()?;
        Ok(Self::cell().get_or_init(|| plugin))
    }
}
