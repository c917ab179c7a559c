"""The program of the container: `python -m serving serve` answers SageMaker, `python -m serving train` trains.

    serve:  supervisor --accepts--> connection --exchange--> server --> pool     the front: HTTP, one queue
                                                                         |wire
                                    loader --contract--> handler <-- batching <-- worker     one or more processes
    train:  training

`errors` says which mistake becomes which HTTP status, `config` which environment variables are read, `log` what is
written about it all.
"""
