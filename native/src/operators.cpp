// The one door to every ATen operator: look up its schema once, then call it boxed.
#include "guard.h"

#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/ivalue.h>
#include <ATen/core/jit_type.h>
#include <ATen/core/stack.h>

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace {

enum class Kind { Tensor, Int, Float, Bool, Number, String, Device, Generator, Other };

struct Parameter {
    std::string name;
    std::string type;
    Kind kind = Kind::Other;
    bool optional = false;
    bool list = false;
    bool optional_elements = false;
    int32_t length = 0; // of a fixed-size list, which a single number may stand for
    c10::optional<c10::IValue> default_value;
};

Kind kind_of(const c10::TypePtr &type) {
    switch (type->kind()) {
    case c10::TypeKind::TensorType: return Kind::Tensor;
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType: return Kind::Int;
    case c10::TypeKind::FloatType: return Kind::Float;
    case c10::TypeKind::BoolType: return Kind::Bool;
    case c10::TypeKind::NumberType: return Kind::Number;
    case c10::TypeKind::StringType: return Kind::String;
    case c10::TypeKind::DeviceObjType: return Kind::Device;
    case c10::TypeKind::GeneratorType: return Kind::Generator;
    default: return Kind::Other;
    }
}

Parameter describe(const c10::Argument &argument) {
    Parameter parameter;
    parameter.name = argument.name();
    parameter.type = argument.type()->str();
    parameter.default_value = argument.default_value();
    parameter.length = argument.N().value_or(0);
    c10::TypePtr type = argument.type();
    if (const auto optional = type->cast<c10::OptionalType>()) {
        parameter.optional = true;
        type = optional->getElementType();
    }
    if (const auto list = type->cast<c10::ListType>()) {
        parameter.list = true;
        type = list->getElementType();
        if (const auto element = type->cast<c10::OptionalType>()) {
            parameter.optional_elements = true;
            type = element->getElementType();
        }
    }
    parameter.kind = kind_of(type);
    return parameter;
}

[[noreturn]] void refuse(const Parameter &parameter, const char *got) {
    TORCH_CHECK(false, "argument '", parameter.name, "' expects ", parameter.type, ", got ", got);
}

template <class T, class From>
c10::IValue list_of(const void *data, int32_t count) {
    const auto *values = static_cast<const From *>(data);
    c10::List<T> list;
    list.reserve(static_cast<size_t>(count));
    for (int32_t i = 0; i < count; ++i) {
        list.push_back(static_cast<T>(values[i]));
    }
    return c10::IValue(std::move(list));
}

c10::IValue from_int(const Parameter &parameter, int64_t value) {
    if (parameter.list && (parameter.kind == Kind::Int || parameter.kind == Kind::Float)) {
        const auto length = parameter.length > 0 ? parameter.length : 1;
        const std::vector<int64_t> repeated(static_cast<size_t>(length), value);
        return parameter.kind == Kind::Int ? list_of<int64_t, int64_t>(repeated.data(), length)
                                           : list_of<double, int64_t>(repeated.data(), length);
    }
    switch (parameter.kind) {
    case Kind::Int:
    case Kind::Number: return c10::IValue(value);
    case Kind::Float: return c10::IValue(static_cast<double>(value));
    default: refuse(parameter, "an integer");
    }
}

c10::IValue from_tensors(const Parameter &parameter, const sio_value &value) {
    if (!parameter.list || parameter.kind != Kind::Tensor) {
        refuse(parameter, "a list of tensors");
    }
    auto *const *tensors = static_cast<sio_tensor *const *>(value.p);
    if (parameter.optional_elements) {
        c10::List<c10::optional<at::Tensor>> list;
        list.reserve(static_cast<size_t>(value.count));
        for (int32_t i = 0; i < value.count; ++i) {
            list.push_back(tensors[i] == nullptr ? c10::optional<at::Tensor>() : c10::make_optional(tensors[i]->value));
        }
        return c10::IValue(std::move(list));
    }
    c10::List<at::Tensor> list;
    list.reserve(static_cast<size_t>(value.count));
    for (int32_t i = 0; i < value.count; ++i) {
        if (tensors[i] == nullptr) {
            refuse(parameter, "a list with None in it");
        }
        list.push_back(tensors[i]->value);
    }
    return c10::IValue(std::move(list));
}

c10::IValue to_ivalue(const Parameter &parameter, const sio_value &value) {
    switch (value.tag) {
    case SIO_NONE:
        if (!parameter.optional) {
            refuse(parameter, "None");
        }
        return c10::IValue();
    case SIO_DEFAULT:
        TORCH_CHECK(parameter.default_value.has_value(), "argument '", parameter.name, "' is missing");
        return *parameter.default_value;
    case SIO_TENSOR: {
        const auto &tensor = static_cast<const sio_tensor *>(value.p)->value;
        if (parameter.kind == Kind::Tensor && !parameter.list) {
            return c10::IValue(tensor);
        }
        refuse(parameter, "a tensor");
    }
    case SIO_INT: return from_int(parameter, value.i);
    case SIO_DOUBLE:
        if (parameter.list || (parameter.kind != Kind::Float && parameter.kind != Kind::Number)) {
            refuse(parameter, "a floating-point number");
        }
        return c10::IValue(value.d);
    case SIO_BOOL:
        if (parameter.list || (parameter.kind != Kind::Bool && parameter.kind != Kind::Number)) {
            refuse(parameter, "a bool");
        }
        return c10::IValue(value.i != 0);
    case SIO_STRING:
        if (parameter.list || parameter.kind != Kind::String) {
            refuse(parameter, "a string");
        }
        return c10::IValue(std::string(static_cast<const char *>(value.p), static_cast<size_t>(value.count)));
    case SIO_INT_LIST:
        if (parameter.list && parameter.kind == Kind::Int) {
            return list_of<int64_t, int64_t>(value.p, value.count);
        }
        if (parameter.list && parameter.kind == Kind::Float) {
            return list_of<double, int64_t>(value.p, value.count);
        }
        refuse(parameter, "a list of integers");
    case SIO_DOUBLE_LIST:
        if (parameter.list && parameter.kind == Kind::Float) {
            return list_of<double, double>(value.p, value.count);
        }
        refuse(parameter, "a list of floating-point numbers");
    case SIO_BOOL_LIST:
        if (parameter.list && parameter.kind == Kind::Bool) {
            return list_of<bool, uint8_t>(value.p, value.count);
        }
        refuse(parameter, "a list of bools");
    case SIO_TENSOR_LIST: return from_tensors(parameter, value);
    case SIO_GENERATOR:
        if (parameter.kind != Kind::Generator) {
            refuse(parameter, "a generator");
        }
        return c10::IValue(static_cast<const sio_generator *>(value.p)->value);
    case SIO_DEVICE:
        if (parameter.kind != Kind::Device) {
            refuse(parameter, "a device");
        }
        return c10::IValue(sio::device(static_cast<int32_t>(value.i & 0xffffffff), static_cast<int32_t>(value.i >> 32)));
    default: TORCH_CHECK(false, "argument '", parameter.name, "' has the unknown tag ", value.tag);
    }
}

// Frees the handles of results that were boxed before a later one failed.
struct Results {
    sio_value *values;
    int32_t filled = 0;
    bool complete = false;

    ~Results() {
        if (complete) {
            return;
        }
        for (int32_t i = 0; i < filled; ++i) {
            if (values[i].tag == SIO_TENSOR) {
                sio::unbox(static_cast<sio_tensor *>(values[i].p));
            } else if (values[i].tag == SIO_TENSOR_LIST) {
                auto **list = static_cast<sio_tensor **>(values[i].p);
                for (int32_t k = 0; k < values[i].count; ++k) {
                    sio::unbox(list[k]);
                }
                sio_list_free(list);
            }
            values[i] = sio_value{};
        }
    }
};

void set_tensors(sio_value &out, const std::vector<at::Tensor> &tensors) {
    std::vector<sio::Boxed> boxed;
    boxed.reserve(tensors.size());
    for (const auto &tensor : tensors) {
        boxed.emplace_back(sio::box(tensor));
    }
    auto list = std::make_unique<sio_tensor *[]>(tensors.size());
    for (size_t i = 0; i < tensors.size(); ++i) {
        list[i] = boxed[i].release();
    }
    out.tag = SIO_TENSOR_LIST;
    out.count = static_cast<int32_t>(tensors.size());
    out.p = list.release();
}

void set_result(sio_value &out, const c10::IValue &value) {
    out = sio_value{};
    if (value.isTensor()) {
        if (value.toTensor().defined()) {
            out.tag = SIO_TENSOR;
            out.p = sio::box(value.toTensor());
        }
    } else if (value.isInt()) {
        out.tag = SIO_INT;
        out.i = value.toInt();
    } else if (value.isDouble()) {
        out.tag = SIO_DOUBLE;
        out.d = value.toDouble();
    } else if (value.isBool()) {
        out.tag = SIO_BOOL;
        out.i = value.toBool() ? 1 : 0;
    } else if (value.isTensorList()) {
        set_tensors(out, value.toTensorVector());
    } else if (!value.isNone()) {
        TORCH_CHECK(false, "the result type ", value.tagKind(), " is not supported");
    }
}

} // namespace

struct sio_operator {
    c10::OperatorHandle handle;
    std::string schema;
    std::vector<Parameter> parameters;
};

using sio::guarded;

extern "C" {

int sio_operator_find(const char *name, const char *overload, sio_operator **out) {
    return guarded([&] {
        // Operators are as few and as lasting as the schemas themselves: they are never freed, not even at exit, when
        // other threads may still be calling them.
        static auto &mutex = *new std::mutex;
        static auto &known = *new std::unordered_map<std::string, std::unique_ptr<sio_operator>>;
        const std::string key = std::string(name) + "." + overload;
        std::lock_guard<std::mutex> lock(mutex);
        auto found = known.find(key);
        if (found == known.end()) {
            const auto handle = c10::Dispatcher::singleton().findSchema({name, overload});
            TORCH_CHECK(handle.has_value(), "this LibTorch has no operator ", name, overload[0] ? "." : "", overload);
            const auto &schema = handle->schema();
            auto op = std::unique_ptr<sio_operator>(new sio_operator{*handle, c10::toString(schema), {}});
            for (const auto &argument : schema.arguments()) {
                op->parameters.push_back(describe(argument));
            }
            found = known.emplace(key, std::move(op)).first;
        }
        *out = found->second.get();
    });
}

const char *sio_operator_schema(const sio_operator *op) { return op->schema.c_str(); }

int sio_operator_call(
    const sio_operator *op, const sio_value *arguments, int32_t count, sio_value *results, int32_t capacity) {
    return guarded([&] {
        const auto &parameters = op->parameters;
        const auto given = static_cast<size_t>(count);
        TORCH_CHECK(given <= parameters.size(), count, " arguments given, the operator takes ", parameters.size());
        torch::jit::Stack stack;
        stack.reserve(parameters.size());
        const sio_value missing{SIO_DEFAULT, 0, {0}};
        for (size_t i = 0; i < parameters.size(); ++i) {
            stack.push_back(to_ivalue(parameters[i], i < given ? arguments[i] : missing));
        }
        op->handle.callBoxed(stack);
        Results boxed{results};
        for (size_t i = 0; i < stack.size() && boxed.filled < capacity; ++i) {
            set_result(results[i], stack[i]);
            ++boxed.filled;
        }
        boxed.complete = true;
    });
}

void sio_list_free(void *list) { delete[] static_cast<sio_tensor **>(list); }

} // extern "C"
