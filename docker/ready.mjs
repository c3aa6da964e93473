// Exits with 0 if the service on this port of the container is ready.
const { ok } = await fetch(`http://127.0.0.1:${process.argv[2]}/readyz`);
process.exit(ok ? 0 : 1);
