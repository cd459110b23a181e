/**
 * Runs one command of the repository after its set-up: `node scripts/run.mjs <command> [arguments]`.
 *
 * Plain JavaScript without dependencies: it runs on the system's Node before anything is installed. The version is
 * checked before anything else is loaded, since the other files use what older versions lack.
 */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);

if (major < 20 || (major === 20 && minor < 20)) {
  console.error(
    `azureml-ts needs Node 20.20 or newer to start its scripts; this is Node ${process.versions.node}. ` +
      'Install a newer Node (https://nodejs.org) and run the command again.',
  );
  process.exitCode = 1;
} else {
  const { main } = await import('./commands.mjs');
  // The exit is explicit, so that nothing left open here can hold the caller's terminal.
  process.exit(await main(process.argv.slice(2)));
}
