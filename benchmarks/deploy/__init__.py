"""What a fitted model costs on a device: our C against emlearn's, and ONNX Runtime."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
