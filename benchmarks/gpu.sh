#!/usr/bin/env bash
# Times bench on a GPU beside JAX and PyTorch there, on a machine that reaches no registry.
#
#   benchmarks/gpu.sh pack DIR   here, after npm ci: writes DIR/part.00, part.01, ... of at most 55 MB each
#   benchmarks/gpu.sh run DIR    there, with the parts in DIR: prints one table within eight minutes
#
# The parts hold Node.js, this checkout with its packages, and the CUDA provider of ONNX Runtime. The machine brings an
# NVIDIA driver, CUDA 13, cuDNN 9, and a python3 with JAX and PyTorch; PEERS_PYTHON names another. Debian packages in
# DIR/*.deb, such as libvulkan1 for WebGPU, are unpacked to / first. What the machine lacks is said in the rows.
# STEPS, TIME_LIMIT (seconds of one program) and BUDGET (seconds of all) set other numbers.
set -euo pipefail

tasks=(cat10 cat10:batch=1000 cat10:variant=blog cat10:variant=blog,batch=1000)
# The CPU comes last: it is left out where the time of a task is used up.
programs=onnx:device=cuda,jax@cuda,pytorch@cuda,onnx:device=webgpu,tensorflow,onnx:threads=4,jax,pytorch

pack() {
  mkdir -p "$1" && parts=$(realpath "$1")
  root=$(realpath "$(dirname "$0")/..")
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/app"
  cp -r "$root"/{dist,benchmarks,estimators,tasks,runners,reports,package.json,package-lock.json,tsconfig.json} "$work/app"
  cd "$work/app"
  npm ci --omit=dev --ignore-scripts --no-audit --no-fund
  library=node_modules/onnxruntime-node/bin/napi-v6
  rm -rf "$library"/{win32,darwin,linux/arm64}
  find node_modules -name '*.map' -delete
  find node_modules/@tensorflow \( -name '*.fesm.js' -o -name 'tf*.es2017.js' \) -size +1M -delete
  version=$(node -p "require('onnxruntime-node/package.json').version")
  python3 -m pip download -q --no-deps --only-binary=:all: --python-version 3.12 \
    --platform manylinux_2_28_x86_64 -d "$work/wheel" "onnxruntime-gpu==$version"
  unzip -q -j "$work"/wheel/*.whl 'onnxruntime/capi/libonnxruntime_providers_[cs]*.so' -d "$library/linux/x64"
  cp "$(node -p process.execPath)" "$work/node"
  rm -f "$parts"/part.*
  tar -C "$work" -c node app | xz -T0 -"${XZ_LEVEL:-6}" | split -b 55m -d - "$parts/part."
  ls -l "$parts"
}

run() {
  SECONDS=0
  parts=$(realpath "$1")
  place=$(mktemp -d)
  trap 'rm -rf "$place"' EXIT
  for package in "$parts"/*.deb; do [ ! -e "$package" ] || dpkg -x "$package" /; done
  [ "$(id -u)" -ne 0 ] || ldconfig
  cat "$parts"/part.* | xz -dc -T0 | tar -C "$place" -x
  export PATH="$place:$PATH" PEERS_PYTHON="${PEERS_PYTHON:-$(command -v python3)}"
  # The libraries of CUDA that came with the Python packages, for ONNX Runtime.
  libraries=$("$PEERS_PYTHON" -c 'import nvidia, pathlib; print(*{p.parent for d in nvidia.__path__ for p in pathlib.Path(d).glob("**/lib/*.so*")}, sep=":")' 2>/dev/null || true)
  export LD_LIBRARY_PATH="$libraries${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"
  # JAX would take most of the memory of the GPU.
  export XLA_PYTHON_CLIENT_PREALLOCATE=false
  [ ! -d /usr/local/nvidia/share/vulkan ] || export VK_DRIVER_FILES=/usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json
  cd "$place/app"
  node dist/runners/cli/bench.js doctor 2>/dev/null || true
  lscpu | grep 'Model name' || true
  for i in "${!tasks[@]}"; do
    node_modules/.bin/tsx benchmarks/end-to-end.ts --task "${tasks[i]}" --only "$programs" --seeds 1 \
      --steps "${STEPS:-500}" --repeat 1 --time-limit "${TIME_LIMIT:-30}" \
      --budget $(((${BUDGET:-465} - SECONDS) / (${#tasks[@]} - i))) | tail -n +$((i == 0 ? 1 : 3))
  done
}

case "${1-} ${2-}" in
  "pack "?*) pack "$2" ;;
  "run "?*) run "$2" ;;
  *) sed -n 's/^# \{0,1\}//; 2,6p' "$0" >&2; exit 2 ;;
esac
