"""The program of the container: `python -m serving serve` answers SageMaker, `python -m serving train` trains.

    serve:  supervisor --starts--> worker --loads--> loader -> handler
                                   worker --runs---> server -> handler -> codec
    train:  training

`errors` says which mistake becomes which HTTP status, `config` which environment variables are read.
"""
