"""Names, connections, certificates."""

# ruff: noqa: E501 - a pattern, and a sentence for a person, is read whole

from basebump.buildlog.values import Cause

ROWS = (
    Cause(
        id="dns",
        title="a name that did not resolve",
        patterns=(
            r"Temporary failure (?:in name resolution|resolving)",
            r"Could not resolve (?:host|'|\")",
            r"Couldn't resolve host",
            r"getaddrinfo (?:ENOTFOUND|EAI_AGAIN)",
            r"dial tcp: lookup \S+.*(?:no such host|server misbehaving|i/o timeout|try again)",
            r"Name or service not known|Name does not resolve|bad address '",
            r"temporary error \(try again later\)|DNS: transient error",
            r"Could not resolve hostname",
            r"unable to resolve host address",
        ),
        meaning="The builder's name resolution failed; what follows (packages not found) is its echo.",
        remedy="Check the builder's DNS and its daemon's `dns` setting, then run the build again.",
        link="https://docs.docker.com/engine/network/#dns-services",
    ),
    Cause(
        id="tls",
        title="a certificate that was not trusted",
        patterns=(
            r"x509: ",
            r"[Cc]ertificate verif(?:y|ication) failed",
            r"SSL certificate problem",
            r"server certificate verification failed",
            r"CERTIFICATE_VERIFY_FAILED|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_GET_ISSUER_CERT|DEPTH_ZERO_SELF_SIGNED",
            r"CERT_HAS_EXPIRED|certificate has expired|certificate is not yet valid",
            r"TLS handshake (?:timeout|failure)|tls: (?:handshake failure|failed to verify)",
            r"no certificates found|PKIX path building failed",
        ),
        meaning="TLS failed: a proxy's own authority is missing in the new base, a certificate has "
        "expired, or `ca-certificates` is not installed.",
        remedy="Install `ca-certificates` and the organisation's authority in the base; check the "
        "builder's clock.",
        link="https://docs.docker.com/engine/network/ca-certs/",
    ),
    Cause(
        id="connection",
        title="a connection that failed",
        patterns=(
            r"[Cc]onnection refused",
            r"ECONNREFUSED|ETIMEDOUT|ECONNRESET|ESOCKETTIMEDOUT|EHOSTUNREACH|ENETUNREACH",
            r"[Cc]onnection (?:timed out|reset by peer)",
            r"Could not connect to |Unable to connect to ",
            r"Failed to connect to \S+ port",
            r"i/o timeout|Client\.Timeout exceeded|context deadline exceeded",
            r"[Nn]etwork is unreachable|No route to host",
            r"Read timed out|ReadTimeoutError|ConnectTimeoutError|Operation timed out",
            r"50[0234] {1,2}(?:Bad Gateway|Service Unavailable|Service Temporarily|Gateway Time-?out|Internal Server Error)",
        ),
        meaning="A server could not be reached, or gave up: a mirror, a registry, a proxy.",
        remedy="Run it again; when it stays, check the builder's proxy and firewall.",
        link="https://docs.docker.com/engine/daemon/proxy/",
    ),
)
