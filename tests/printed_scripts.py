"""The inference scripts that AWS's documents print, in words of our own.

https://docs.aws.amazon.com/sagemaker/latest/dg/neo-deployment-hosting-services-prerequisites.html prints four; their
imports, their functions with the parameters' names and order, and every call of the framework are kept, and so is what
they return. For `neo_preprocess` and `neo_postprocess` it gives names and meaning only.
"""

MXNET_PREPROCESSING = """
    decoded = mx.image.imdecode(image)
    resized = mx.image.resize_short(decoded, 224)
    cropped, crop_info = mx.image.center_crop(resized, (224, 224))
    normalized = mx.image.color_normalize(
        cropped.astype(np.float32) / 255,
        mean=mx.nd.array([0.485, 0.456, 0.406]),
        std=mx.nd.array([0.229, 0.224, 0.225]),
    )
    batch = normalized.transpose((2, 0, 1)).expand_dims(axis=0)
    processed_input = batch.astype(dtype='float32').as_in_context(ctx)
"""

MXNET_MODULE = f"""
import numpy as np
import json
import mxnet as mx
import neomxnet  # noqa: F401
from collections import namedtuple

Batch = namedtuple('Batch', ['data'])
ctx = mx.gpu()


def model_fn(model_dir):
    sym, arg_params, aux_params = mx.model.load_checkpoint('compiled', 0)
    mod = mx.mod.Module(symbol=sym, context=ctx, label_names=None)
    exe = mod.bind(for_training=False, data_shapes=[('data', (1,3,224,224))], label_shapes=mod._label_shapes)
    mod.set_params(arg_params, aux_params, allow_missing=True)
    mod.forward(Batch([mx.nd.empty((1,3,224,224), ctx=ctx)]))
    return mod


def transform_fn(mod, image, input_content_type, output_content_type):
{MXNET_PREPROCESSING}
    mod.forward(Batch([processed_input]))
    return json.dumps(mod.get_outputs()[0].asnumpy().tolist()), output_content_type
"""

MXNET_GLUON = f"""
import numpy as np
import json
import mxnet as mx
import neomxnet  # noqa: F401

ctx = mx.gpu()


def model_fn(model_dir):
    block = mx.gluon.nn.SymbolBlock.imports('compiled-symbol.json',['data'],'compiled-0000.params', ctx=ctx)
    block.hybridize(static_alloc=True, static_shape=True)
    block(mx.nd.empty((1,3,224,224), ctx=ctx))
    return block


def input_fn(image, input_content_type):
{MXNET_PREPROCESSING}
    return processed_input


def predict_fn(processed_input_data, block):
    return block(processed_input_data)


def output_fn(prediction, output_content_type):
    return json.dumps(prediction.asnumpy().tolist()), output_content_type
"""

PYTORCH = """
import os
import torch
import torch.nn.parallel
import torch.optim
import torch.utils.data
import torch.utils.data.distributed
import torchvision.transforms as transforms
from PIL import Image
import io
import json
import pickle


def model_fn(model_dir):
    with torch.neo.config(model_dir=model_dir, neo_runtime=True):
        model = torch.jit.load(os.path.join(model_dir, 'compiled.pt'))
        device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        model = model.to(device)
        with open(os.path.join(model_dir, 'sample_input.pkl'), 'rb') as input_file:
            model_input = pickle.load(input_file)
        if torch.is_tensor(model_input):
            model(model_input.to(device))
        elif isinstance(model_input, tuple):
            model(*(inp.to(device) for inp in model_input if torch.is_tensor(inp)))
        else:
            print("The sample must be a tensor or a tuple of tensors")
        return model


def transform_fn(model, request_body, request_content_type, response_content_type):
    decoded = Image.open(io.BytesIO(request_body))
    preprocess = transforms.Compose([
        transforms.Resize(256),
        transforms.CenterCrop(224),
        transforms.ToTensor(),
        transforms.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ])
    batchified = preprocess(decoded).unsqueeze(0)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    output = model.forward(batchified.to(device))
    return json.dumps(output.cpu().numpy().tolist()), response_content_type
"""

TENSORFLOW = """
import json
import numpy as np
import json
import io
from PIL import Image


def input_handler(data, context):
    f = io.BytesIO(data.read())
    image = Image.open(f).convert('RGB')
    batch_size = 1
    image = np.asarray(image.resize((512, 512)))
    image = np.concatenate([image[np.newaxis, :, :]] * batch_size)
    return json.dumps({"signature_name": "serving_default", "instances": image.tolist()})


def output_handler(data, context):
    if data.status_code != 200:
        raise ValueError(data.content.decode('utf-8'))
    response_content_type = context.accept_header
    prediction = data.content
    return prediction, response_content_type
"""

NEO = """
import io
import json
import numpy as np
from PIL import Image


def neo_preprocess(payload, content_type):
    if content_type != 'application/x-image':
        raise RuntimeError('Content type must be application/x-image')
    image = np.asarray(Image.open(io.BytesIO(payload)).convert('RGB').resize((224, 224)))
    return (image.transpose((2, 0, 1)) / 255)[np.newaxis]


def neo_postprocess(result):
    return json.dumps(result[0].tolist()), 'application/json'
"""

DUMMY_TRAINING = """
import shutil


def train(job):
    shutil.copytree(job.channels['input'], job.model_dir, dirs_exist_ok=True)
"""
"""The "training" of a model that exists already, as a document on importing models describes it without code."""
