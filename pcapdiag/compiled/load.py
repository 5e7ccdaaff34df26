"""Puts machine code into memory, by LLVM's own linker."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from pcapdiag.compiled.code import Code


@dataclass(frozen=True)
class Loaded:
    """Machine code in memory, which stays as long as this lives."""

    address: int
    engine: Any


def load(code: Code) -> Loaded:
    """Return the function of an object file, ready to be called."""
    from llvmlite import binding

    _begin()
    target = binding.Target.from_default_triple()
    # As numba compiles: code and data may lie further apart than 2 GiB.
    engine = binding.create_mcjit_compiler(
        binding.parse_assembly(""), target.create_target_machine(codemodel="jitdefault", jit=True)
    )
    engine.add_object_file(binding.ObjectFileRef.from_data(code.octets))
    engine.finalize_object()
    return Loaded(engine.get_function_address(code.symbol), engine)


@cache
def machine() -> str:
    """Name the processor and what it can do, as far as the compiler asks."""
    from llvmlite import binding

    features = binding.get_host_cpu_features().flatten()
    return f"{binding.get_process_triple()} {binding.get_host_cpu_name()} {features}"


@cache
def _begin() -> None:
    from llvmlite import binding

    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
