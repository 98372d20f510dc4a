"""provider.py WHEEL FILE...: each argument and block of the AWS provider's resources and data sources in each file, by the
provider's schema, as the wheel of cdktn-provider-aws has it. Says what is unknown, and what is required and missing."""
import re
import sys
import zipfile

import hcl2

META = {"count", "for_each", "depends_on", "lifecycle", "provider", "provisioner"}
wheel = zipfile.ZipFile(sys.argv[1])
structs = {}


def pascal(name):
    return "".join(part.capitalize() for part in name.split("_"))


def of(kind, is_data):
    """The structs of a resource: by name, the arguments, and whether each is required."""
    name = kind.removeprefix("aws_")
    # The bindings leave out `aws_` and, of data sources, keep it as `data_aws_`.
    package = f"data_aws_{name}" if is_data else name
    if package not in structs:
        text = wheel.read(f"cdktn_provider_aws/{package}/__init__.py").decode()
        found = re.findall(r"\nclass (\w+)(?:\([^)]*\))?:\n    def __init__\(\n        self,\n        \*,\n(.*?)\n    \) -> None:", text, re.S)
        structs[package] = {
            struct: {argument: "= None" not in rest for argument, rest in re.findall(r"^        (\w+): (.*),$", body, re.M)}
            for struct, body in found
        }
    prefix = ("DataAws" if is_data else "") + pascal(name)
    return structs[package], prefix


def check(where, known, struct, body):
    arguments = known.get(struct)
    if arguments is None:
        yield f"{where}: the provider has no block {struct}"
        return
    body = {key: value for key, value in body.items() if not key.startswith("__") and key not in META}
    for key, value in body.items():
        if key == "dynamic":
            for block in value:
                for name, content in block.items():
                    name = name.strip('"')
                    yield from check(f"{where}.{name}", known, struct_of(struct, name), content["content"][0])
        elif key not in arguments:
            yield f"{where}: the provider has no argument {key}"
        elif isinstance(value, list) and value and isinstance(value[0], dict) and struct_of(struct, key) in known:
            for block in value:
                yield from check(f"{where}.{key}", known, struct_of(struct, key), block)
    given = set(body) | {name.strip('"') for block in body.get("dynamic", []) for name in block}
    for key, required in arguments.items():
        if required and key not in given:
            yield f"{where}: {key} is required"


def struct_of(struct, block):
    return struct.removesuffix("Config") + pascal(block)


seen = faults = 0
for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as file:
        parsed = hcl2.load(file)
    for section, is_data in (("resource", False), ("data", True)):
        for entry in parsed.get(section, []):
            for kind, named in entry.items():
                kind = kind.strip('"')
                if not kind.startswith("aws_"):
                    continue
                for name, body in named.items():
                    known, prefix = of(kind, is_data)
                    seen += 1
                    for fault in check(f"{path}: {kind}.{name}", known, prefix + "Config", body):
                        faults += 1
                        print(fault)
print(f"{seen} resources and data sources")
sys.exit(1 if faults or not seen else 0)
