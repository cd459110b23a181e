/**
 * The program that the container starts: it loads the entry script from its folder, and passes `init` and `run` on.
 *
 * The classic service wants one Python file with both functions; the entry script itself may stand deep in the source
 * folder, and imports what is beside it. `run` keeps its decorators: the service reads the schema from them.
 *
 * @param entryScript Path of the script from the folder that the archive is unpacked into, with slashes.
 */
export function driverText(entryScript: string): string {
  const parts = entryScript.split('/').map((part) => JSON.stringify(part));
  return `import importlib.util
import os
import sys

script = os.path.join(os.path.dirname(os.path.abspath(__file__)), ${parts.join(', ')})
sys.path.insert(0, os.path.dirname(script))
spec = importlib.util.spec_from_file_location("azureml_entry_script", script)
module = importlib.util.module_from_spec(spec)
sys.modules[spec.name] = module
spec.loader.exec_module(module)

run = module.run


def init():
    if hasattr(module, "init"):
        module.init()
`;
}
