# The service in a small image: built on Debian bookworm, run without root.
# PostgreSQL is not inside: give it database.url (docker-compose.yml shows how).

FROM rust:1.95-bookworm AS build
# What the vendored OpenSSL and libpq need to be compiled.
RUN apt-get update \
    && apt-get install -y --no-install-recommends bison flex perl make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /motcua
COPY Cargo.toml Cargo.lock ./
COPY src src
COPY config config
COPY migrations migrations
RUN cargo build --release --locked --bin motcua

FROM debian:bookworm-slim
# pg_dump and psql for `motcua backup` and `restore`; the roots of trust for gateways and mail servers.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates curl postgresql-client-15 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/motcua --create-home motcua \
    && mkdir -p /var/lib/motcua/data \
    && chown -R motcua:motcua /var/lib/motcua
COPY --from=build /motcua/target/release/motcua /usr/local/bin/motcua
COPY --from=build /motcua/config /usr/share/motcua/config
USER motcua
WORKDIR /var/lib/motcua
VOLUME /var/lib/motcua/data
ENV MOTCUA__SERVER__BIND=0.0.0.0:8080 \
    MOTCUA__DATA__DIR=/var/lib/motcua/data \
    MOTCUA__LOG__FORMAT=json
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["curl", "--fail", "--silent", "--show-error", "http://127.0.0.1:8080/health/ready"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["motcua"]
CMD ["serve"]
