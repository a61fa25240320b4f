// TorchScript: load, run, freeze, optimise, save; and tracing of an eager forward into a module.
#include "guard.h"

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/serialization/import.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

struct sio_script {
    torch::jit::Module value;
};

using sio::guarded;
using torch::jit::Module;

namespace {

// The tensors of what a forward returned: a tensor, a tuple of tensors or a list of them.
std::vector<at::Tensor> tensors_of(const c10::IValue &result) {
    std::vector<at::Tensor> tensors;
    if (result.isTensor()) {
        tensors.push_back(result.toTensor());
    } else if (result.isTensorList()) {
        tensors = result.toTensorVector();
    } else if (result.isTuple()) {
        for (const auto &element : result.toTupleRef().elements()) {
            TORCH_CHECK(element.isTensor(), "forward returns a tuple with a ", element.tagKind(), " in it; only tensors are taken");
            tensors.push_back(element.toTensor());
        }
    } else {
        TORCH_CHECK(false, "forward returns a ", result.tagKind(), "; a tensor, or a tuple or list of them, is taken");
    }
    for (const auto &tensor : tensors) {
        TORCH_CHECK(tensor.defined(), "forward returns an undefined tensor");
    }
    return tensors;
}

// Hands tensors over to the caller.
void give(const std::vector<at::Tensor> &tensors, sio_tensor ***outputs, int32_t *count) {
    std::vector<sio::Boxed> boxed;
    boxed.reserve(tensors.size());
    for (const auto &tensor : tensors) {
        boxed.emplace_back(sio::box(tensor));
    }
    auto list = std::make_unique<sio_tensor *[]>(tensors.size());
    for (size_t i = 0; i < tensors.size(); ++i) {
        list[i] = boxed[i].release();
    }
    *count = static_cast<int32_t>(tensors.size());
    *outputs = list.release();
}

// Freezing needs a module that says that it does not train.
void add_training_flag(Module &module) { module.register_attribute("training", c10::BoolType::get(), false); }

c10::IValue call_traced(sio_forward forward, void *context, const at::Tensor &input) {
    // Room for more outputs than a model of use has; the callback says how many it gave, and keeps their handles.
    std::vector<sio_tensor *> outputs(16, nullptr);
    int32_t count = 0;
    const int status = forward(context, sio::box(input), outputs.data(), static_cast<int32_t>(outputs.size()), &count);
    TORCH_CHECK(status == 0, "the traced function failed");
    TORCH_CHECK(count > 0 && static_cast<size_t>(count) <= outputs.size(), "the traced function returned ", count, " tensors");
    if (count == 1) {
        return outputs[0]->value;
    }
    std::vector<c10::IValue> elements;
    for (int32_t i = 0; i < count; ++i) {
        elements.emplace_back(outputs[static_cast<size_t>(i)]->value);
    }
    return c10::ivalue::Tuple::create(std::move(elements));
}

} // namespace

extern "C" {

int sio_script_load(const char *path, sio_script **out) {
    return guarded([&] { *out = new sio_script{torch::jit::load(std::string(path), at::Device(at::kCPU))}; });
}

void sio_script_free(sio_script *script) { delete script; }

int sio_script_forward(
    const sio_script *script, sio_tensor *const *inputs, int32_t count, sio_tensor ***outputs, int32_t *output_count) {
    return guarded([&] {
        std::vector<c10::IValue> arguments;
        for (int32_t i = 0; i < count; ++i) {
            arguments.emplace_back(inputs[i]->value);
        }
        auto module = script->value; // forward is not const; the copy is a second reference to the same module
        give(tensors_of(module.forward(std::move(arguments))), outputs, output_count);
    });
}

int sio_script_freeze(const sio_script *script, sio_script **out) {
    return guarded([&] { *out = new sio_script{torch::jit::freeze(script->value)}; });
}

int sio_script_optimize(const sio_script *script, sio_script **out) {
    return guarded([&] {
        // A module that is frozen already would be changed itself.
        auto module = script->value.hasattr("training") ? script->value : script->value.clone();
        *out = new sio_script{torch::jit::optimize_for_inference(module)};
    });
}

int sio_script_save(const sio_script *script, const char *path) {
    return guarded([&] { script->value.save(std::string(path)); });
}

int sio_script_eval(sio_script *script) {
    return guarded([&] { script->value.eval(); });
}

int sio_script_to(sio_script *script, int32_t device_type, int32_t device_index) {
    return guarded([&] { script->value.to(sio::device(device_type, device_index)); });
}

int sio_script_weights(const sio_script *script, sio_tensor ***tensors, const char **names, int32_t *count) {
    static thread_local std::string text;
    return guarded([&] {
        std::vector<at::Tensor> values;
        text.clear();
        const auto add = [&](const std::string &name, const at::Tensor &value) {
            text += (values.empty() ? "" : "\n") + name;
            values.push_back(value);
        };
        for (const auto &parameter : script->value.named_parameters()) {
            add(parameter.name, parameter.value);
        }
        for (const auto &buffer : script->value.named_buffers()) {
            add(buffer.name, buffer.value);
        }
        *names = text.c_str();
        give(values, tensors, count);
    });
}

int sio_script_trace(
    sio_forward forward, void *context, const sio_tensor *example, const char *const *names, sio_tensor *const *weights,
    int32_t count, sio_script **out) {
    return guarded([&] {
        Module module("__torch__.Traced");
        add_training_flag(module);
        for (int32_t i = 0; i < count; ++i) {
            module.register_parameter(names[i], weights[i]->value, /*is_buffer=*/!weights[i]->value.requires_grad());
        }
        const auto traced = torch::jit::tracer::trace(
            {example->value},
            [&](torch::jit::Stack inputs) { return torch::jit::Stack{call_traced(forward, context, inputs.at(0).toTensor())}; },
            [](const at::Tensor &) { return std::string(); },
            /*strict=*/true, /*force_outplace=*/false, &module);
        const c10::QualifiedName name(*module.type()->name(), "forward");
        module.type()->addMethod(module._ivalue()->compilation_unit()->create_function(name, traced.first->graph));
        *out = new sio_script{std::move(module)};
    });
}

} // extern "C"
