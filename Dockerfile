ARG DEBIAN=bookworm

FROM rust:1.95-${DEBIAN} AS build
RUN rustup target add wasm32-wasip2
WORKDIR /src
COPY . .
RUN plugins/build.sh plugins \
    && cargo build --release --locked --workspace --bin tenon \
    && mkdir -p /out/bin \
    && cp target/release/tenon /out/bin/ \
    && cp -r target/plugins runtime-config /out/

# What runs: the host, the plugins and a configuration to replace. tests/image.sh builds this stage
# without an engine, from its first line to the end of the file.
FROM debian:${DEBIAN}-slim AS runtime
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/tenon --no-create-home tenon \
    && install -d -o tenon -g tenon -m 0750 /var/lib/tenon
COPY --from=build /out/bin/tenon /usr/bin/tenon
COPY --from=build /out/plugins /usr/share/tenon/plugins
COPY --from=build /out/runtime-config /etc/tenon

# The shipped configuration listens on loopback and finds its plugins where a checkout builds them.
ENV TENON_CONFIG=/etc/tenon \
    TENON_PLUGINS=/usr/share/tenon/plugins \
    TENON_CACHE=/var/lib/tenon/cache \
    TENON_DATABASE_URL=sqlite:/var/lib/tenon/tenon.db \
    TENON_ARCHIVE=/var/lib/tenon/archive \
    TENON_SQAPI_DATA=/var/lib/tenon/sqapi-data \
    TENON_SQAPI_METADATA=embedded:/var/lib/tenon/sqapi-metadata.db \
    TENON_SQAPI_DATABASE=sqlite:/var/lib/tenon/sqapi.db \
    TENON_RDS_LISTEN=0.0.0.0:8080 \
    TENON_SQAPI_LISTEN=0.0.0.0:5000 \
    TENON_ADMIN_LISTEN=0.0.0.0:9090

# A number, so that an orchestrator can see that it is not root.
USER 10001
WORKDIR /var/lib/tenon
VOLUME /var/lib/tenon
EXPOSE 8080 9090 5000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["tenon", "health"]
ENTRYPOINT ["tenon"]
CMD ["serve"]
